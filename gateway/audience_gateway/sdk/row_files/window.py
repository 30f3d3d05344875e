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
        self._unread = b""
        self._ended = False
        self.offset = offset
        self.failure: Permanent | None = None

    async def block(self, size: int) -> tuple[bytes, bool]:
        """At least so many bytes from the offset on, or all that are left, and whether the file ends with them."""
        await self._fill(size)
        return self._unread, self._ended and self.failure is None

    def consume(self, size: int) -> None:
        """Moves the window on by so many bytes."""
        self._unread = self._unread[size:]
        self.offset += size

    async def skip_line(self) -> None:
        """Moves the window on to the end of the line, however long that is."""
        while not (end := _line_end(self._unread)):
            self.consume(len(self._unread))
            if not await self._fill(1):
                return
        self.consume(end)

    async def _fill(self, size: int) -> bool:
        """Reads until the window has so many bytes; False if the file has not as many left."""
        parts, held = [self._unread], len(self._unread)
        while held < size and (piece := await self._piece()):
            parts.append(piece)
            held += len(piece)
        self._unread = b"".join(parts)
        return held >= size

    async def _piece(self) -> bytes | None:
        """Some more bytes; None if there are none."""
        piece: bytes | None = None
        while not self._ended and not piece:
            try:
                piece = await anext(self._pieces, None)
            except Permanent as error:
                self.failure = error
                piece = None
            self._ended = piece is None
        return piece


def _line_end(data: bytes) -> int:
    """Position behind the first line end; 0 if there is none."""
    ends = [end for end in (data.find(b"\n"), data.find(b"\r")) if end >= 0]
    return min(ends) + 1 if ends else 0
