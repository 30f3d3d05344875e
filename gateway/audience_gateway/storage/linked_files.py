"""Files with several names, and directories that appear whole or not at all and share their files with others."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def publishing_directory(path: Path) -> Iterator[Path]:
    """A temporary directory that becomes `path` when the block ends well; one that is there already stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    temporary.mkdir()
    try:
        yield temporary
        try:
            temporary.rename(path)
        except OSError:
            if not path.exists():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def link_files(source: Path, directory: Path) -> None:
    """Gives the files of a directory, which are never written again, a second place: they stay when the first goes.

    Raises FileNotFoundError if they go meanwhile.
    """
    for at, _, names in os.walk(source, onerror=_raise):
        below = directory / Path(at).relative_to(source)
        below.mkdir(parents=True, exist_ok=True)
        for name in names:
            os.link(Path(at, name), below / name)


def link_file(existing: Path, path: Path) -> None:
    """Gives a file, which is never written again, a second name. A file that is there counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.hardlink_to(existing)


def _raise(error: OSError) -> None:
    raise error
