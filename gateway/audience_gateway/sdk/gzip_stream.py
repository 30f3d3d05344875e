"""Gzipped objects, decompressed on the way in bounded memory and off the event loop."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import cast

from isal import isal_zlib

_GZIP = 16 + zlib.MAX_WBITS
_BROKEN = (cast("type[Exception]", isal_zlib.error), zlib.error)  # its types say that it is an exception
_PIECE_BYTES = 1024 * 1024
# What is left over of a window is copied, so that it had better be little, and less still at the end of a member.
_LARGE_WINDOW_BYTES = 128 * 1024
_SMALL_WINDOW_BYTES = 1024


class BrokenGzip(Exception):
    """The bytes are not gzip, are damaged, or end too early."""


async def gunzip(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The content of a gzipped object, one or several members, in pieces of at most 1 MiB.

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
        self._member = isal_zlib.decompressobj(_GZIP)
        self._begun = False
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        view, position, window = memoryview(data), 0, _LARGE_WINDOW_BYTES
        held = _Held()
        while position < len(view):
            piece = view[position : position + window]
            zeros = 0 if self._begun or not self._members else len(piece) - len(bytes(piece).lstrip(b"\0"))
            if zeros:
                position += zeros  # they may pad the end
                continue
            self._begun = True
            try:
                part = self._member.decompress(piece, _PIECE_BYTES)
            except _BROKEN as error:
                if held.size:
                    yield held.take()
                raise BrokenGzip from error
            if held.size + len(part) > _PIECE_BYTES:
                yield held.take()
            held.add(part)
            if self._member.eof:
                position += len(piece) - len(self._member.unused_data)
                window = _SMALL_WINDOW_BYTES
                self._member = isal_zlib.decompressobj(_GZIP)
                self._begun = False
                self._members += 1
            else:
                position += len(piece) - len(self._member.unconsumed_tail)
                window = min(2 * window, _LARGE_WINDOW_BYTES)
        if held.size:
            yield held.take()

    def end(self) -> None:
        if self._begun:
            raise BrokenGzip


class _Held:
    """Parts that go on together, since members may be small."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def add(self, part: bytes) -> None:
        self._parts.append(part)
        self.size += len(part)

    def take(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return whole
