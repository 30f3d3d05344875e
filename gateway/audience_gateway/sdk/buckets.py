"""Buckets: local directories and object stores behind one small interface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BucketObject:
    """One object of a bucket.

    Attributes:
        key: its key below the bucket's prefix, with `/` between parts.
        size: bytes.
        modified: when it was last written, in UTC.
        etag: changes whenever the content changes.
    """

    key: str
    size: int
    modified: datetime
    etag: str


class Bucket(Protocol):
    """A place where files are dropped and picked up. Errors are those of `sdk.errors`; an absent key is Permanent."""

    @property
    def url(self) -> str:
        """Its address, without credentials."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[BucketObject]:
        """Objects whose key starts with the prefix, ordered by key.

        Temporary names (`.part`, `.tmp`, a leading dot) are left out.
        """
        ...

    async def head(self, key: str) -> BucketObject | None:
        """One object, or None if there is none."""
        ...

    def read(self, key: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `start` on, in pieces."""
        ...

    async def write(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> BucketObject:
        """Writes the object whole or not at all; an existing one is replaced."""
        ...

    async def delete(self, key: str) -> None:
        """Deletes the object; one that is not there is no error."""
        ...
