"""Why a stream takes no more chunks, or does not end."""

from __future__ import annotations


class OutOfSequence(Exception):
    """A chunk has another number than the next one.

    Attributes:
        expected: the number of the next one.
    """

    def __init__(self, expected: int) -> None:
        super().__init__(str(expected))
        self.expected = expected


class ChunkChanged(Exception):
    """A chunk was kept under that number with another content."""


class WindowExceeded(Exception):
    """More chunks are under way than the window allows."""

    def __init__(self, window: int) -> None:
        super().__init__(str(window))


class CountsDiffer(Exception):
    """A stream is to end with other chunks or rows than are kept.

    Attributes:
        chunks: chunks that are kept.
        rows: their rows.
    """

    def __init__(self, chunks: int, rows: int) -> None:
        super().__init__(f"{chunks} chunks with {rows} rows are kept")
        self.chunks = chunks
        self.rows = rows
