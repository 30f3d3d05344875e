"""The demo, at a size that fits a test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parents[2] / "examples" / "demo" / "run.py"


def test_the_demo_ends_well_and_leaves_five_receipts(tmp_path):
    command = [sys.executable, str(DEMO), "--recipients", "2000", "--directory", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    for letter in "abcde":
        receipt = json.loads((tmp_path / "demo" / "receipts" / f"{letter}.json").read_text())
        assert sum(receipt["outcomes"].values()) == receipt["rows_read"] > 0
        assert len(receipt["outcomes"]) == 7
