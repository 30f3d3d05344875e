"""Stage reconcile, first part: reads the destination's identity index into chunks."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from audience_gateway.identity.index import resume_token, write_index
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import IdentityIndex, IndexPage, IndexRequest, Permanent
from audience_gateway.transfers.read_ahead import ReadAhead
from audience_gateway.transfers.task import Task


class Indexing:
    """Reading the index under way; opened again behind the last kept chunk after a restart."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._open = AsyncExitStack()
        self._pages: ReadAhead[IndexPage] | None = None

    async def chunk(self, number: int) -> StepResult:
        """Reads one chunk into its file. Answers its entries, and whether it was the last."""
        pages = self._pages or await self._begin(number)
        read: list[IndexPage] = []
        entries = 0
        while entries < self._task.sizes.chunk_rows:
            page = await pages.next()
            if page is None:
                break
            read.append(page)
            entries += len(page.entries)
        if read:
            path = self._task.workspace.chunk("index", number)
            await asyncio.to_thread(
                write_index, read, self._task.strategy, self._task.source, self._task.relations, path
            )
        return {"entries": entries, "last": entries < self._task.sizes.chunk_rows}

    async def close(self) -> None:
        """Lets go of the destination."""
        pages, self._pages = self._pages, None
        if pages is not None:
            await pages.close()
        await self._open.aclose()

    async def _begin(self, number: int) -> ReadAhead[IndexPage]:
        destination = self._task.request.destination
        connector = await self._open.enter_async_context(self._task.connections.open(destination.connection))
        if not isinstance(connector, IdentityIndex):
            raise Permanent("the connector supplies no identity index", place=str(destination))
        after = resume_token(self._task.workspace.chunk("index", number - 1)) if number else None
        self._pages = ReadAhead(connector.read_index(IndexRequest(source=self._task.source, after=after)))
        return self._pages
