"""Programs that take too long for tests still find all that they import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAMS = Path(__file__).parents[2] / "tools"


@pytest.mark.parametrize("program", ["bench", "faults"])
def test_a_program_finds_what_it_imports(program: str):
    run = subprocess.run(
        [sys.executable, "-c", "import run"], cwd=_PROGRAMS / program, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
