"""The programs of the demo are used to start a sandbox and a gateway."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "examples" / "demo")]
