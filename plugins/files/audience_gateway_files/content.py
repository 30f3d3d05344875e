"""The bytes of a file, decompressed, one piece ahead of whoever asks for them."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator

from audience_gateway.sdk import Bucket, Permanent

_GZIP = 31
_PIECE_BYTES = 8 * 1024 * 1024
_REMEDY = "Have the file written again."


async def content(bucket: Bucket, key: str, *, gzipped: bool, start: int = 0) -> AsyncGenerator[bytes, None]:
    """The file's bytes from `start` on, where `start` counts decompressed bytes.

    Raises Permanent, naming the file, where it cannot be decompressed.
    """
    source = _from(start, _gunzipped(bucket.read(key), key)) if gzipped else bucket.read(key, start=start)
    async for piece in _one_ahead(source):
        yield piece


async def _gunzipped(source: AsyncIterator[bytes], key: str) -> AsyncIterator[bytes]:
    """All members of a gzip file, one after the other."""
    member = _Member(key)
    async for compressed in source:
        rest = compressed
        while rest:
            if member.ended:
                rest = rest.lstrip(b"\0")  # gzip allows zeros as padding behind a member
                member = _Member(key) if rest else member
            else:
                piece, rest = await asyncio.to_thread(member.inflate, rest)
                yield piece
    if member.begun and not member.ended:
        raise Permanent("the gzip stream ends too early", place=key, remedy=_REMEDY)


class _Member:
    """One member of a gzip file."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._stream = zlib.decompressobj(_GZIP)
        self.begun = False

    @property
    def ended(self) -> bool:
        """Whether its last byte was read."""
        return self._stream.eof

    def inflate(self, data: bytes) -> tuple[bytes, bytes]:
        """Some decompressed bytes, at most a piece, and what is left of the compressed ones."""
        self.begun = True
        try:
            piece = self._stream.decompress(data, _PIECE_BYTES)
        except zlib.error as error:
            raise Permanent("the file is not valid gzip", place=self._key, remedy=_REMEDY) from error
        return piece, self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


async def _from(start: int, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    ahead = start
    async for piece in source:
        if len(piece) > ahead:
            yield piece[ahead:]
        ahead = max(0, ahead - len(piece))


async def _one_ahead(source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces; while one is worked on, the next one is fetched."""
    following = asyncio.ensure_future(_next(source))
    try:
        while (piece := await following) is not None:
            following = asyncio.ensure_future(_next(source))
            yield piece
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _next(source: AsyncIterator[bytes]) -> bytes | None:
    return await anext(source, None)
