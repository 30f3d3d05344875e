"""Takes streams of members in, and makes transfers of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.identity.connections import Connections
from audience_gateway.streams.checks import RowCheck
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.intake import Intake
from audience_gateway.streams.model import stream_id
from audience_gateway.streams.stream_ledger import StreamLedger
from audience_gateway.transfers.model import ShareRequest, Transfer
from audience_gateway.transfers.service import RequestIdReused, TransferService

_THREADS = 2


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """How much a caller may send.

    Attributes:
        window: chunks of one connection that may be under way, sent and not kept.
        chunk_rows: rows of a chunk.
    """

    window: int = 8
    chunk_rows: int = 131_072


class MemberStreams:
    """The streams of a gateway.

    Args:
        ledger: which chunks are kept.
        files: where their members are.
        connections: data sources and strategies.
        transfers: starts the transfer of a stream that has ended.
        limits: how much a caller may send.
    """

    def __init__(
        self,
        ledger: StreamLedger,
        files: ChunkFiles,
        connections: Connections,
        transfers: TransferService,
        limits: IntakeLimits,
    ) -> None:
        self.limits = limits
        self._ledger = ledger
        self._files = files
        self._connections = connections
        self._transfers = transfers
        self._workers = ThreadPoolExecutor(_THREADS, thread_name_prefix="streams")

    @asynccontextmanager
    async def open(self, request: ShareRequest) -> AsyncIterator[Intake]:
        """The stream that the request id names, ready for the chunk behind the last that is kept.

        The request's source is that stream. Raises ConfigError for names that are not configured,
        RequestIdReused if the stream was opened with another request.
        """
        source = self._connections.data_source(request.data_source)
        strategy = self._connections.reconciler(source.id_type)
        strategy.check(source)
        stream = await asyncio.to_thread(self._ledger.open, stream_id(request.request_id), request)
        if stream.request != request:
            raise RequestIdReused
        intake = Intake(
            stream,
            window=self.limits.window,
            check=RowCheck(strategy, source),
            files=self._files,
            ledger=self._ledger,
            workers=self._workers,
        )
        try:
            yield intake
        finally:
            await intake.close()

    async def end(self, stream: str, *, chunks: int, rows: int) -> Transfer:
        """Ends a stream and starts its transfer; again, it answers the same transfer.

        Raises CountsDiffer unless so many chunks and rows are kept, and what starting a transfer raises.
        """
        ended = await asyncio.to_thread(self._ledger.end, stream, chunks=chunks, rows=rows)
        return await self._transfers.start(ended.request)

    async def forget_abandoned(self, before: datetime) -> int:
        """Forgets the streams that have not ended and got nothing since a moment; answers how many."""
        abandoned = await asyncio.to_thread(self._ledger.abandoned, before)
        for stream in abandoned:
            await self.forget(stream)
        return len(abandoned)

    async def forget(self, stream: str) -> None:
        """Forgets a stream: its members, and that there was one."""
        await asyncio.to_thread(self._ledger.forget, stream)
        await asyncio.to_thread(self._files.forget, stream)

    def close(self) -> None:
        """Ends the threads."""
        self._workers.shutdown()
