"""The driver of `make faults`, in small: one transfer is killed at each of its fail points."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from audience_gateway import fail_points

DRIVER = Path(__file__).parents[2] / "tools" / "faults" / "run.py"


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_transfer_survives_a_kill_at_each_fail_point(tmp_path):
    results = tmp_path / "results.json"
    command = [sys.executable, str(DRIVER), "--track", "small", "--rows", "20000", "--results", str(results)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)

    assert run.returncode == 0, run.stdout + run.stderr
    whole = {"tried": 1, "survived": 1, "lost": 0, "doubled": 0, "false_success": 0}
    assert json.loads(results.read_text()) == [{"fault": f"kill {point}"} | whole for point in fail_points.NAMES]
