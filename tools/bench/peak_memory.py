"""Most memory that a process had, since it has been the program that it is.

The system's accounts of resources would count what the process was forked from, which may be much more.
"""

from __future__ import annotations

import os
import re
from pathlib import Path


def peak_rss_mib(process: int | str = "self") -> float:
    """In MiB, of a process by its id; by default of this one."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise SystemExit(f"the kernel {os.uname().release} does not tell the peak memory of a process")
    return int(found[1]) / 1024
