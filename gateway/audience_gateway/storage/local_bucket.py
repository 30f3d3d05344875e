"""Buckets that are local directories."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from obstore.store import LocalStore

from audience_gateway.storage.store_bucket import PIECE_BYTES, StoreBucket


class LocalBucket(StoreBucket):
    """A directory, which is made when something is written. obstore would read its files by 8 KiB, each in a thread.

    Args:
        url: its address.
        directory: the directory.
    """

    def __init__(self, url: str, directory: Path) -> None:
        super().__init__(url, lambda: LocalStore(directory, mkdir=True), directory.exists)
        self._directory = directory

    async def _pieces(self, key: str, start: int) -> AsyncIterator[bytes]:
        file = await asyncio.to_thread((self._directory / key).open, "rb", 0)
        try:
            file.seek(start)
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece
        finally:
            file.close()
