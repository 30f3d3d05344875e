"""Files that are there under their name only once they hold all their data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def seed_file(file: Path, fill: Callable[[Path], None]) -> None:
    """Have a file filled if it is not there; what an interrupted seeding left is removed first."""
    if file.exists():
        return
    unfinished = file.with_name(f".{file.name}.part")
    for left in file.parent.glob(f"{unfinished.name}*"):
        left.unlink()
    fill(unfinished)
    unfinished.replace(file)
