"""Stage extract: reads the members of the source into chunks, every row once, numbered from 1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import MemberPage
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.chunk_files import ChunkFile, content_hash, write_chunk
from audience_gateway.transfers.chunk_ledger import ChunkState
from audience_gateway.transfers.chunks import ChunkReader
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.sources import open_source, source_turn
from audience_gateway.transfers.task import Task


class Extraction:
    """Reads the source of a transfer into chunks."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._reader: ChunkReader[MemberPage] = ChunkReader(
            self._begin, lambda page: len(page.members), task.sizes.chunk_rows, lambda: source_turn(task)
        )
        self.close = self._reader.close
        self._attributes: tuple[str, ...] = ()

    async def chunk(self, number: int, rows_before: int, plan: Plan) -> StepResult:
        """Reads one chunk into its file. Answers its rows, and whether it was the last."""
        self._attributes = plan.attributes
        path = self._task.workspace.chunk("extract", number)
        if path.exists():  # by a run that was killed before its result was kept
            await self._reader.close()
            kept = await asyncio.to_thread(ChunkFile.read, path)
        else:
            chunk = await self._reader.read(number)
            if not chunk.pages:
                return {"rows": 0, "last": chunk.last}
            kept = await in_background(
                write_chunk,
                path,
                chunk.pages,
                rows_before,
                last=chunk.last,
                attributes=plan.attributes,
                further=self._task.request.further_data_sources if self._task.further else (),
            )
        await in_background(self._enter, number, kept)
        done = rows_before + kept.rows
        expected = plan.source_rows if plan.source_rows and plan.source_rows > done else None
        self._task.progress(Stage.EXTRACT, done, done if kept.last else expected)
        return {"rows": kept.rows, "last": kept.last}

    def _enter(self, number: int, kept: ChunkFile) -> None:
        path = self._task.workspace.chunk("extract", number)
        self._task.chunks.enter(
            Stage.EXTRACT, number, rows=kept.rows, content_hash=content_hash(path), state=ChunkState.KEPT
        )

    async def _begin(self, stack: AsyncExitStack, number: int) -> AsyncIterator[MemberPage]:
        before = self._task.workspace.chunk("extract", number - 1)
        after = (await asyncio.to_thread(ChunkFile.read, before)).resume_token if number else None
        return await open_source(self._task, stack, after, self._attributes)
