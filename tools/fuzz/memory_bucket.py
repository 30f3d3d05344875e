"""A bucket in memory: what a fuzzer can fill and empty thousands of times a second."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from audience_gateway.sdk import BucketObject, Permanent

_MODIFIED = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryBucket:
    """Objects by their keys.

    Attributes:
        objects: the bytes of each.
    """

    def __init__(self, *, piece_bytes: int = 1 << 20) -> None:
        self.objects: dict[str, bytes] = {}
        self._piece_bytes = piece_bytes

    @property
    def url(self) -> str:
        """An address that leads nowhere."""
        return "memory://"

    async def list(self, prefix: str = "") -> AsyncIterator[BucketObject]:
        """Objects whose key starts with the prefix, ordered by key."""
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield self._described(key)

    async def head(self, key: str) -> BucketObject | None:
        """One object, or None if there is none."""
        return self._described(key) if key in self.objects else None

    async def read(self, key: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `start` on, in pieces."""
        if key not in self.objects:
            raise Permanent("there is no such object")
        content = self.objects[key]
        for begin in range(start, len(content), self._piece_bytes):
            yield content[begin : begin + self._piece_bytes]

    async def write(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> BucketObject:
        """Writes the object."""
        content = chunks if isinstance(chunks, bytes) else b"".join([chunk async for chunk in chunks])
        self.objects[key] = content
        return self._described(key)

    async def delete(self, key: str) -> None:
        """Deletes the object; one that is not there is no error."""
        self.objects.pop(key, None)

    def _described(self, key: str) -> BucketObject:
        content = self.objects[key]
        return BucketObject(key, len(content), _MODIFIED, hashlib.sha256(content).hexdigest())
