"""Files of an outbound batch: their content, and what can be counted in it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from audience_gateway.sdk.buckets import Bucket, BucketObject
from audience_gateway.sdk.gzip_stream import gunzip


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a batch.

    Attributes:
        stored: the object in the bucket.
        split: number of the part; 0 for the first one, which bears none.
        gzip: whether it is compressed.
    """

    stored: BucketObject
    split: int
    gzip: bool

    @property
    def file_name(self) -> str:
        """Its name without folders."""
        return self.stored.key.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Count:
    """What a control file says of a part: lines, blank ones too, and the MD5 of the stored bytes."""

    lines: int
    md5: str


def content(bucket: Bucket, part: Part) -> AsyncIterator[bytes]:
    """The part's content, decompressed. Raises BrokenGzip."""
    return _unpacked(bucket.read(part.stored.key), part)


async def count(bucket: Bucket, part: Part) -> Count:
    """Reads the part and counts. Raises BrokenGzip."""
    md5 = hashlib.md5(usedforsecurity=False)

    async def hashed() -> AsyncIterator[bytes]:
        async for piece in bucket.read(part.stored.key):
            await asyncio.to_thread(md5.update, piece)
            yield piece

    lines, last = 0, b"\n"
    async for piece in _unpacked(hashed(), part):
        lines += piece.count(b"\n")
        last = piece[-1:]
    return Count(lines + (last != b"\n"), md5.hexdigest())


async def is_unchanged(bucket: Bucket, part: Part) -> bool:
    """Whether the object is still the one that was listed."""
    now = await bucket.head(part.stored.key)
    return now is not None and (now.size, now.etag) == (part.stored.size, part.stored.etag)


def _unpacked(pieces: AsyncIterator[bytes], part: Part) -> AsyncIterator[bytes]:
    return gunzip(pieces) if part.gzip else pieces
