"""The bytes of a file, decompressed, one piece ahead of whoever asks for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from audience_gateway.sdk.buckets import Bucket
from audience_gateway.sdk.errors import Permanent
from audience_gateway.sdk.gzip_stream import BrokenGzip, gunzip
from audience_gateway.sdk.one_ahead import one_ahead
from audience_gateway.sdk.row_files.encoding import UTF_8, NoByteOrder, as_utf8


async def content(
    bucket: Bucket, key: str, *, gzipped: bool, encoding: str = UTF_8, start: int = 0
) -> AsyncGenerator[bytes, None]:
    """The file's bytes from `start` on, where `start` counts decompressed bytes in UTF-8.

    Raises Permanent, naming the file, where it cannot be decompressed or decoded.
    """
    plain = not gzipped and encoding == UTF_8
    source = bucket.read(key, start=start if plain else 0)
    if gzipped:
        source = gunzip(source)
    if encoding != UTF_8:
        source = as_utf8(source, encoding)
    if not plain:
        source = _from(start, source)
    try:
        async for piece in one_ahead(source):
            yield piece
    except BrokenGzip as error:
        raise Permanent(
            "the file is no gzip, is damaged or ends too early", place=key, remedy="Have the file written again."
        ) from error

    except NoByteOrder as error:
        raise Permanent(
            "the file does not begin with a byte order mark", place=key, remedy="Say which order its bytes have."
        ) from error


async def _from(start: int, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    ahead = start
    async for piece in source:
        if len(piece) > ahead:
            yield piece[ahead:]
        ahead = max(0, ahead - len(piece))
