"""Makes the parts of a batch on disk: what they hold is known only when they are written (campaign 1.6)."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

_FASTEST = 1
_PIECE_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is done: gzip, one line a user."""

    path: Path
    lines: int
    size: int
    md5: str

    async def content(self) -> AsyncIterator[bytes]:
        """Its bytes, in pieces."""
        with self.path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                yield piece


class PartWriter:
    """Writes lines into parts of at most so many lines each; blocks, so call it off the event loop."""

    def __init__(self, directory: Path, part_rows: int) -> None:
        self._directory = directory
        self._part_rows = part_rows
        self._parts: list[Part] = []
        self._lines = 0
        self._file: gzip.GzipFile | None = None

    def write(self, lines: pa.Array) -> None:
        """Write lines, without their ends."""
        start = 0
        while start < len(lines):
            if self._lines == self._part_rows:
                self._finish()
            taken = lines.slice(start, self._part_rows - self._lines)
            self._open().write(b"".join(_bytes(line) + b"\n" for line in taken.to_pylist()))
            self._lines += len(taken)
            start += len(taken)

    def done(self) -> list[Part]:
        """Finish the last part; there is always one, be it empty."""
        if self._file is not None or not self._parts:
            self._open()
            self._finish()
        return self._parts

    def _open(self) -> gzip.GzipFile:
        if self._file is None:
            self._file = gzip.GzipFile(self._path, "wb", compresslevel=_FASTEST, mtime=0)
        return self._file

    @property
    def _path(self) -> Path:
        return self._directory / f"{len(self._parts)}.gz"

    def _finish(self) -> None:
        self._open().close()
        with self._path.open("rb") as file:
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        self._parts.append(Part(self._path, self._lines, self._path.stat().st_size, md5))
        self._file, self._lines = None, 0


def _bytes(line: str | bytes) -> bytes:
    return line.encode() if isinstance(line, str) else line
