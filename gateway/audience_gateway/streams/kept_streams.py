"""Streams of members as transfers read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from audience_gateway.sdk import MemberPage
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.model import StreamState
from audience_gateway.streams.stream_ledger import StreamLedger


class KeptStreams:
    """The streams that are kept.

    Args:
        ledger: which chunks are kept.
        files: where their members are.
    """

    def __init__(self, ledger: StreamLedger, files: ChunkFiles) -> None:
        self._ledger = ledger
        self._files = files

    async def rows(self, stream: str) -> int | None:
        """Rows of a stream that has ended; None if there is none of that id."""
        found = await asyncio.to_thread(self._ledger.stream, stream)
        return found.rows if found and found.state is StreamState.ENDED else None

    async def pages(self, stream: str, after: str | None) -> AsyncIterator[MemberPage]:
        """Its members, behind a resume token or from the first. Raises Permanent where a chunk is damaged."""
        sequence = int(after or 0) + 1
        while chunk := await asyncio.to_thread(self._ledger.chunk, stream, sequence):
            yield MemberPage(await asyncio.to_thread(self._files.read, stream, chunk), str(sequence))
            sequence += 1
