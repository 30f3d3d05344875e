"""Stage extract: reads the members of the source into chunks, every row once, numbered from 1.

A chunk is read and written while the steps of the one before it are taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pyarrow as pa

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import MemberPage
from audience_gateway.transfers.ahead import Ahead
from audience_gateway.transfers.background import in_background, to_its_end
from audience_gateway.transfers.chunk_files import ChunkAtHand, ChunkFile, content_hash, numbered_rows, write_chunk
from audience_gateway.transfers.chunk_ledger import ChunkState
from audience_gateway.transfers.chunks import Chunk, ChunkReader
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.sources import open_source, source_turn
from audience_gateway.transfers.task import Task


class Extraction:
    """Reads the source of a transfer into chunks.

    Args:
        task: the transfer.
        written: is told each chunk whose file is there, the rows before it, and its own where they are at hand.
    """

    def __init__(self, task: Task, written: Callable[[Plan, int, int, pa.Table | None], None]) -> None:
        self._task = task
        self._written = written
        self._reader: ChunkReader[MemberPage] = ChunkReader(
            self._begin, lambda page: len(page.members), task.sizes.chunk_rows, lambda: source_turn(task)
        )
        self._ahead: Ahead[ChunkFile | None] = Ahead()
        self._attributes: tuple[str, ...] = ()

    async def chunk(self, number: int, rows_before: int, plan: Plan) -> StepResult:
        """Reads one chunk into its file, and begins with the next. Answers its rows, and whether it was the last."""
        self._attributes = plan.attributes
        kept = await self._ahead.take(partial(self._keep, plan, number, rows_before))
        if kept is None:
            return {"rows": 0, "last": True}
        await in_background(self._enter, number, kept)
        done = rows_before + kept.rows
        expected = plan.source_rows if plan.source_rows and plan.source_rows > done else None
        await in_background(self._task.progress, Stage.EXTRACT, done, done if kept.last else expected)
        if not kept.last:
            self._ahead.begin(self._keep(plan, number + 1, done))
        return {"rows": kept.rows, "last": kept.last}

    async def close(self) -> None:
        """Gives up the chunk under way, whatever becomes of it, and lets go of the system."""
        await self._ahead.close()
        await self._reader.close()

    async def _keep(self, plan: Plan, number: int, rows_before: int) -> ChunkFile | None:
        """The file of a chunk; None if there are no more rows."""
        chunk = await self._chunk(plan, number, rows_before)
        if chunk is None:
            return None
        self._written(plan, number, rows_before, chunk.rows)
        return chunk.file

    async def _chunk(self, plan: Plan, number: int, rows_before: int) -> ChunkAtHand | None:
        path = self._task.workspace.chunk("extract", number)
        if path.exists():  # by a run that was killed before its result was kept
            await self._reader.close()
            return ChunkAtHand(await asyncio.to_thread(ChunkFile.read, path))
        chunk = await self._reader.read(number)
        if not chunk.pages:
            return None
        return await to_its_end(in_background(self._write, plan, path, chunk, rows_before))

    def _write(self, plan: Plan, path: Path, chunk: Chunk[MemberPage], rows_before: int) -> ChunkAtHand:
        further = self._task.request.further_data_sources if self._task.further else ()
        rows = numbered_rows(chunk.pages, rows_before, last=chunk.last, attributes=plan.attributes, further=further)
        return write_chunk(path, rows)

    def _enter(self, number: int, kept: ChunkFile) -> None:
        path = self._task.workspace.chunk("extract", number)
        self._task.chunks.enter(
            Stage.EXTRACT, number, rows=kept.rows, content_hash=content_hash(path), state=ChunkState.KEPT
        )

    async def _begin(self, stack: AsyncExitStack, number: int) -> AsyncIterator[MemberPage]:
        before = self._task.workspace.chunk("extract", number - 1)
        after = (await asyncio.to_thread(ChunkFile.read, before)).resume_token if number else None
        return await open_source(self._task, stack, after, self._attributes)
