"""A window on a file's bytes that moves on by whole rows."""

from __future__ import annotations

from collections.abc import AsyncIterator

from audience_gateway.sdk.errors import Permanent


class Window:
    """Blocks of a file, each beginning where the last one was consumed.

    Args:
        pieces: the file's bytes from `offset` on, of any sizes.
        offset: position of the first of them in the file, decompressed.

    Attributes:
        offset: position of the next block in the file.
        failure: why the file cannot be read any further; None if it can, or has ended.
    """

    def __init__(self, pieces: AsyncIterator[bytes], offset: int) -> None:
        self._pieces = pieces
        self._buffer = bytearray()
        self._ended = False
        self.offset = offset
        self.failure: Permanent | None = None

    async def block(self, size: int) -> tuple[bytes, bool]:
        """So many bytes from the offset on, or all that are left, and whether the file ends with them."""
        while len(self._buffer) < size and await self._fill():
            pass
        with memoryview(self._buffer) as view:
            block = bytes(view[:size])
        return block, self._ended and self.failure is None and len(block) == len(self._buffer)

    def consume(self, size: int) -> None:
        """Moves the window on by so many bytes."""
        del self._buffer[:size]
        self.offset += size

    async def skip_line(self) -> None:
        """Moves the window on to the end of the line, however long that is."""
        while not (end := _line_end(self._buffer)):
            self.consume(len(self._buffer))
            if not await self._fill():
                return
        self.consume(end)

    async def _fill(self) -> bool:
        if self._ended:
            return False
        try:
            piece = await anext(self._pieces, None)
        except Permanent as error:
            self.failure, piece = error, None
        if piece is None:
            self._ended = True
            return False
        self._buffer += piece
        return True


def _line_end(data: bytearray) -> int:
    """Position behind the first line end; 0 if there is none."""
    ends = [end for end in (data.find(b"\n"), data.find(b"\r")) if end >= 0]
    return min(ends) + 1 if ends else 0
