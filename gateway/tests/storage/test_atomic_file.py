"""A file appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from audience_gateway.storage.atomic_file import replacing


def test_the_file_appears_when_the_block_ends_well(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with replacing(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"


def replaced_by_half(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        (path.parent / "nothing here").read_text()


def test_the_old_file_stays_and_nothing_is_left_behind_when_it_does_not(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(FileNotFoundError):
        replaced_by_half(path)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]
