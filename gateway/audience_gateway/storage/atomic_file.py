"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path that becomes `path` when the block ends well, and vanishes when it does not."""
    with _temporary(path) as temporary:
        yield temporary
        temporary.replace(path)


@contextmanager
def publishing(path: Path) -> Iterator[Path]:
    """Like `replacing`, but a file that is there stays: of two processes that write it the first one counts."""
    with _temporary(path) as temporary:
        yield temporary
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
