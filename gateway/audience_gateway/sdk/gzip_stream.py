"""Gzipped objects, decompressed on the way in bounded memory and off the event loop."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator

_GZIP = 16 + zlib.MAX_WBITS
_PIECE_BYTES = 4 * 1024 * 1024


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
        while data:
            if not self._begun and self._members and not (data := data.lstrip(b"\0")):
                return  # zeros may pad the end
            self._begun = True
            try:
                part = self._member.decompress(data, _PIECE_BYTES)
            except zlib.error as error:
                raise BrokenGzip from error
            if part:
                yield part
            data = self._member.unconsumed_tail
            if self._member.eof:
                data = self._member.unused_data
                self._member = zlib.decompressobj(_GZIP)
                self._begun = False
                self._members += 1

    def end(self) -> None:
        if self._begun:
            raise BrokenGzip
