"""A run that is to try many examples says how many it has tried, and fails if they are too few."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROPERTIES = """
from hypothesis import assume, given, settings, strategies as st

@settings(max_examples=30, database=None)
@given(st.integers())
def test_some(number):
    assert isinstance(number, int)

@settings(max_examples=20, database=None)
@given(st.integers())
def test_even(number):
    assume(number % 2 == 0)

def test_none():
    assert True
"""


@pytest.mark.parametrize(("least", "ends"), [(50, 0), (51, 1)])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_examples_of_all_workers_count_unless_they_were_assumed_away(tmp_path, least, ends, workers):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_properties.py").write_text(PROPERTIES)
    options = ["-p", "tests.counted_examples", f"--rootdir={tmp_path}", f"--least-examples={least}", *workers]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == ends, ran.stdout
    assert f"50 in all, and at least {least} are asked for" in ran.stdout
