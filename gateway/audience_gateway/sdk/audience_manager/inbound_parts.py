"""Makes inbound files out of lines, one after the other, in bounded memory (audience-manager 3.2, 3.3)."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

import pyarrow as pa
import pyarrow.compute as pc

MAX_LINES_OF_A_USER = 200
"""Of more lines of one user in one file Audience Manager takes the first 200."""

_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 1  # ids hardly compress: more work gains a tenth of the size and costs a multiple of the time
_IN_MEMORY_BYTES = 16 << 20
_PIECE_BYTES = 4 << 20
_BLOCK_ROWS = 1 << 16
_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines.

    Attributes:
        lines: the lines, with their ends.
        size: their bytes.
        lines_of_a_user: most lines that one id has.
    """

    lines: pa.StringArray
    size: int
    lines_of_a_user: int


class FinishedPart:
    """A file's content, gzipped, in memory or, if it is large, in a temporary file until it is closed."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115  # closed by `close`
        self._gzip = zlib.compressobj(
            _LEVEL, wbits=_GZIP
        )  # the header has no time, so the same lines are the same file
        self._sha256 = hashlib.sha256()
        self.raw_bytes = 0
        self._lines_of_a_user = 0

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content before compression."""
        return self._sha256.digest()

    def is_too_full_for(self, block: Block, part_bytes: int) -> bool:
        """Whether the file must end before these lines."""
        too_large = self.raw_bytes + block.size > part_bytes
        return too_large or self._lines_of_a_user + block.lines_of_a_user > MAX_LINES_OF_A_USER

    def add(self, block: Block) -> None:
        """Adds the lines of a block."""
        raw = _bytes_of(block.lines)
        self._sha256.update(raw)
        self._file.write(self._gzip.compress(raw))
        self.raw_bytes += block.size
        # A bound instead of a count for every user, so that memory does not grow with the number of users.
        self._lines_of_a_user += block.lines_of_a_user

    def finish(self) -> None:
        """Ends the content."""
        self._file.write(self._gzip.flush())

    async def content(self) -> AsyncIterator[bytes]:
        """The gzipped bytes, in pieces."""
        self._file.seek(0)
        while piece := await asyncio.to_thread(self._file.read, _PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Gives the temporary file back."""
        self._file.close()


class Parts:
    """Collects lines and gives out every file that is full; blocks, so call it off the event loop."""

    def __init__(self, part_bytes: int) -> None:
        self._part_bytes = part_bytes
        self._open: FinishedPart | None = None

    def add(self, columns: Sequence[pa.StringArray], rest: str = "") -> Iterator[FinishedPart]:
        """Adds lines; answers files that these lines do not fit into any more.

        Args:
            columns: what the lines consist of, separated by TAB; a null is left out with its TAB. The first one is
                the users, which cannot be null.
            rest: what all lines end with.
        """
        for block in _blocks(columns, f"{rest}\n", self._part_bytes):
            if self._open is not None and self._open.is_too_full_for(block, self._part_bytes):
                yield from self.end()
            if self._open is None:
                self._open = FinishedPart()
            self._open.add(block)

    def end(self) -> Iterator[FinishedPart]:
        """The file that is not full yet; none if it would be empty."""
        if self._open is not None:
            self._open.finish()
            finished, self._open = self._open, None
            yield finished

    def close(self) -> None:
        """Gives back what was not given out."""
        if self._open is not None:
            self._open.close()


def _blocks(columns: Sequence[pa.StringArray], ending: str, part_bytes: int) -> Iterator[Block]:
    """Slices, each of which fits into one file."""
    waiting = [(start, _BLOCK_ROWS) for start in range(0, len(columns[0]), _BLOCK_ROWS)][::-1]
    while waiting:
        start, rows = waiting.pop()
        users, *others = (column.slice(start, rows) for column in columns)
        size = len(users) * (len(others) + len(ending.encode()))
        size += sum(pc.sum(pc.binary_length(column)).as_py() or 0 for column in (users, *others))
        lines_of_a_user = pc.max(pc.value_counts(users).field("counts")).as_py()
        too_much = size > min(part_bytes, _BLOCK_BYTES) or lines_of_a_user > MAX_LINES_OF_A_USER
        if len(users) > 1 and too_much:
            half = len(users) // 2
            waiting += [(start + half, len(users) - half), (start, half)]
        else:
            yield _block(users, others, ending, lines_of_a_user)


def _block(users: pa.StringArray, others: Sequence[pa.StringArray], ending: str, lines_of_a_user: int) -> Block:
    lines = pc.binary_join_element_wise(users, *others, "\t", null_handling="skip") if others else users
    lines = pc.binary_join_element_wise(lines, ending, "")
    return Block(lines, pc.sum(pc.binary_length(lines)).as_py(), lines_of_a_user)


def _bytes_of(lines: pa.StringArray) -> memoryview:
    """The text of all lines, one behind the other, without a copy."""
    _, offsets, text = lines.buffers()
    bounds = memoryview(offsets).cast("i")
    return memoryview(text)[bounds[lines.offset] : bounds[lines.offset + len(lines)]]
