"""Gzipped objects, decompressed on the way in bounded memory and off the event loop."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

_GZIP = 16 + zlib.MAX_WBITS
_PIECE_BYTES = 4 * 1024 * 1024
_SMALL_WINDOW_BYTES = 1024


class BrokenGzip(Exception):
    """The bytes are not gzip, are damaged, or end too early."""


async def gunzip(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The content of a gzipped object, one or several members, in pieces of at most 4 MiB.

    Raises BrokenGzip behind the content that could be read. An object without a byte has no content.
    """
    stream = _Stream()
    async for piece in pieces:
        parts = stream.feed(piece)
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part
    stream.end()


class _Stream:
    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        view, position, window = memoryview(data), 0, len(data)
        held = bytearray()  # what several members hold goes on together
        while position < len(view):
            piece = view[position : position + window]
            zeros = 0 if self._begun or not self._members else len(piece) - len(bytes(piece).lstrip(b"\0"))
            if zeros:
                position += zeros  # they may pad the end
                continue
            self._begun = True
            try:
                part = self._member.decompress(piece, _PIECE_BYTES)
            except zlib.error as error:
                if held:
                    yield bytes(held)
                raise BrokenGzip from error
            if len(held) + len(part) > _PIECE_BYTES:
                yield bytes(held)
                held.clear()
            held += part
            if self._member.eof:
                position += len(piece) - len(self._member.unused_data)
                window = _SMALL_WINDOW_BYTES  # what is left over is copied, so that it had better be little
                self._member = zlib.decompressobj(_GZIP)
                self._begun = False
                self._members += 1
            else:
                position += len(piece) - len(self._member.unconsumed_tail)
                window *= 2
        if held:
            yield bytes(held)

    def end(self) -> None:
        if self._begun:
            raise BrokenGzip
