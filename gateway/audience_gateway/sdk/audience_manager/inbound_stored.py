"""Inbound files that lie in a folder already, also those that were taken up (`.processed`, audience-manager 3.1)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncName
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_names import InboundName
from audience_gateway.sdk.buckets import Bucket, BucketObject
from audience_gateway.sdk.gzip_stream import BrokenGzip, gunzip

_PROCESSED = ".processed"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file.

    Attributes:
        stored: the object in the bucket.
        name: what its name says.
        processed: whether Audience Manager is done with it.
    """

    stored: BucketObject
    name: InboundName | IdSyncName
    processed: bool


async def stored_files(folder: InboundFolder, start: str) -> AsyncIterator[StoredFile]:
    """The files whose names begin so."""
    async for stored in folder.bucket.list(folder.listed(start)):
        text = stored.key.rpartition("/")[2] if folder.dated else stored.key.removeprefix(folder.prefix)
        file_name = text.removesuffix(_PROCESSED)
        name = InboundName.parse(file_name) or IdSyncName.parse(file_name)
        if name is not None and text.startswith(start):
            yield StoredFile(stored, name, text.endswith(_PROCESSED))


def content(bucket: Bucket, file: StoredFile) -> AsyncIterator[bytes]:
    """The file's lines as bytes, decompressed. Raises BrokenGzip."""
    pieces = bucket.read(file.stored.key)
    return gunzip(pieces) if file.name.gzip else pieces


async def holds(bucket: Bucket, file: StoredFile, digest: bytes) -> bool:
    """Whether the SHA-256 of a file's lines is this one."""
    found = hashlib.sha256()
    try:
        async for piece in content(bucket, file):
            await asyncio.to_thread(found.update, piece)
    except BrokenGzip:
        return False
    return found.digest() == digest
