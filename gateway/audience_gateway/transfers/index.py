"""Stage reconcile, first part: reads the destination's identity index into chunks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from audience_gateway.identity.index import IndexFile, write_index
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import IdentityIndex, IndexPage, IndexRequest, Permanent
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.chunks import ChunkReader
from audience_gateway.transfers.task import Task


class Indexing:
    """Reads the destination's identity index into chunks."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._reader: ChunkReader[IndexPage] = ChunkReader(
            self._begin,
            lambda page: len(page.entries),
            task.sizes.chunk_rows,
            lambda: task.turns.turn(task.request.destination.connection),
        )
        self.close = self._reader.close

    async def chunk(self, number: int) -> StepResult:
        """Reads one chunk into its file. Answers its entries, and whether it was the last."""
        task = self._task
        path = task.workspace.chunk("index", number)
        if path.exists():  # by a run that was killed before its result was kept
            await self._reader.close()
        else:
            chunk = await self._reader.read(number)
            if not chunk.pages:
                return {"entries": 0, "last": chunk.last}
            await in_background(
                write_index, chunk.pages, task.strategy, task.source, task.relations, path, last=chunk.last
            )
        kept = await asyncio.to_thread(IndexFile.read, path)
        return {"entries": kept.entries, "last": kept.last}

    async def _begin(self, stack: AsyncExitStack, number: int) -> AsyncIterator[IndexPage]:
        destination = self._task.request.destination
        connector = await stack.enter_async_context(self._task.connections.open(destination.connection))
        if not isinstance(connector, IdentityIndex):
            raise Permanent("the connector supplies no identity index", place=str(destination))
        before = self._task.workspace.chunk("index", number - 1)
        after = (await asyncio.to_thread(IndexFile.read, before)).resume_token if number else None
        return connector.read_index(IndexRequest(source=self._task.source, after=after))
