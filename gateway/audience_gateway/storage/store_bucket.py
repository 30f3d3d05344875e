"""Buckets over obstore: S3 and Azure Blob, and what local directories have in common with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

import obstore
from obstore import exceptions
from obstore.store import AzureStore, LocalStore, S3Store

from audience_gateway.sdk.buckets import BucketObject
from audience_gateway.sdk.errors import AuthError, GatewayError, Permanent, Transient
from audience_gateway.storage.keys import checked, is_temporary

Store = LocalStore | S3Store | AzureStore
PIECE_BYTES = 1024 * 1024
"""About so many bytes are read at a time."""


class StoreBucket:
    """A bucket in an object store: the implementation of `sdk.Bucket`.

    Args:
        url: its address, without credentials.
        store: makes the store when it is first used.
        exists: whether there is a store already; reading one that is not there finds nothing and does not make it.
    """

    def __init__(self, url: str, store: Callable[[], Store], exists: Callable[[], bool] = lambda: True) -> None:
        self._url = url
        self._make = store
        self._exists = exists

    @property
    def url(self) -> str:
        """Its address."""
        return self._url

    @cached_property
    def _store(self) -> Store:
        return self._make()

    async def list(self, prefix: str = "") -> AsyncIterator[BucketObject]:
        """Objects whose key starts with the prefix, ordered by key, without temporary ones."""
        if not self._exists():
            return
        folder = prefix.rpartition("/")[0]  # a store lists by whole parts of keys
        found: list[BucketObject] = []
        with self._errors(folder):
            async for batch in obstore.list(self._store, folder or None):
                found += [_object(meta) for meta in batch if meta["path"].startswith(prefix)]
        for one in sorted(found, key=lambda one: one.key):
            if not is_temporary(one.key):
                yield one

    async def head(self, key: str) -> BucketObject | None:
        """One object, or None if there is none."""
        checked(key, self._url)
        if not self._exists():
            return None
        try:
            with self._errors(key):
                return _object(await obstore.head_async(self._store, key))
        except _AbsentError:
            return None

    async def read(self, key: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `start` on, in pieces."""
        with self._errors(key):
            found = await self.head(key)
            if found is None:
                raise _AbsentError("there is no such object", place=self._place(key))
            if start < found.size:
                async for piece in self._pieces(key, start):
                    yield piece

    async def _pieces(self, key: str, start: int) -> AsyncIterator[bytes]:
        options: obstore.GetOptions = {"range": {"offset": start}} if start else {}
        result = await obstore.get_async(self._store, key, options=options)
        async for piece in result.stream(min_chunk_size=PIECE_BYTES):
            yield bytes(piece)

    async def write(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> BucketObject:
        """Writes the object whole or not at all."""
        with self._errors(key, sent=True):
            await obstore.put_async(self._store, checked(key, self._url), chunks)
        try:
            written = await self.head(key)
        except GatewayError as error:
            error.sent = True
            raise
        if written is None:
            raise Transient("the object was written and is not there", place=self._place(key))
        return written

    async def delete(self, key: str) -> None:
        """Deletes the object, if it is there."""
        checked(key, self._url)
        if not self._exists():
            return
        try:
            with self._errors(key):
                await obstore.delete_async(self._store, key)
        except _AbsentError:
            return

    def _place(self, key: str) -> str:
        return f"{self._url.rstrip('/')}/{key}"

    @contextmanager
    def _errors(self, key: str, *, sent: bool = False) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, exceptions.NotFoundError) as error:
            raise _AbsentError(
                "there is no such object", place=self._place(key), remedy="Name one that is there."
            ) from error
        except (PermissionError, exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise AuthError("access was refused", place=self._place(key), remedy="Check keys and rights.") from error
        except exceptions.InvalidPathError as error:
            raise Permanent("the store takes no such key", place=self._url) from error
        except (OSError, exceptions.BaseError) as error:
            raise Transient(
                "the store could not be reached or failed",
                place=self._place(key),
                remedy="Try again later.",
                sent=sent,
            ) from error


class _AbsentError(Permanent):
    """There is no object of that key."""


def _object(meta: obstore.ObjectMeta) -> BucketObject:
    modified = meta["last_modified"]
    return BucketObject(meta["path"], meta["size"], modified, meta["e_tag"] or f"{meta['size']}-{modified.isoformat()}")
