"""Stage reconcile, first part: brings the destination's identity index up to date, chunk by chunk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from audience_gateway.identity.index import COLUMNS, IndexChunk, IndexFile
from audience_gateway.identity.index_form import IndexForm
from audience_gateway.identity.index_refresh import IndexRefresh, Reading, version_directory
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import IndexChangesPage, IndexPage, Permanent
from audience_gateway.storage.relations import files
from audience_gateway.transfers.ahead import Ahead
from audience_gateway.transfers.background import in_background, to_its_end
from audience_gateway.transfers.chunks import ChunkReader
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task, Way
from audience_gateway.transfers.workspace import Workspace


class Indexing:
    """Brings the destination's identity index of one data source up to date, that of the way of a number."""

    def __init__(self, task: Task, way: Way, number: int = 0) -> None:
        self._task = task
        self._way = way
        self._directory = _directory(task.workspace, number)
        self._connection = task.request.destination.connection
        self._reader: ChunkReader[IndexPage | IndexChangesPage] = ChunkReader(
            self._begin_reading,
            lambda page: max(1, len(page.entries)),
            task.sizes.chunk_rows,
            lambda: task.turns.turn(self._connection),
        )
        self._ahead: Ahead[IndexChunk | None] = Ahead()

    async def begin(self) -> StepResult:
        """Finds out what is to be read. Answers whether that is anything."""
        task, refresh = self._task, self._refresh()
        if await in_background(refresh.take_fresh):
            return {"reads": False}
        async with task.turns.turn(self._connection), task.connections.open(self._connection) as connector:
            reading = await refresh.begin(connector)
        return {"reads": reading is not Reading.NOTHING}

    async def chunk(self, number: int) -> StepResult:
        """Reads one chunk into its file, and begins with the next. Answers its entries, and whether it was the last."""
        refresh = self._refresh()
        if refresh.chunk(number).exists():  # by a run that was killed before its result was kept
            await self.close()
            kept = await asyncio.to_thread(IndexFile.read, refresh.chunk(number))
        else:
            chunk = await self._ahead.take(partial(self._prepare, number))
            if chunk is None:
                return {"entries": 0, "last": True}
            if not chunk.last:
                self._ahead.begin(self._prepare(number + 1))
            kept = await to_its_end(in_background(refresh.keep, number, chunk))
        return {"entries": kept.entries, "last": kept.last}

    async def close(self) -> None:
        """Gives up what is being read, and lets go of the system."""
        await self._ahead.close()
        await self._reader.close()

    async def finish(self) -> StepResult:
        """Puts the version to use that was read. Answers its entries, and whether no record has several of them.

        One that has shrunk too much is not put to use, and the answer says so: it waits for somebody's word. An erasure
        does not wait: then Permanent is raised.
        """
        await self.close()
        refresh, relations = self._refresh(), self._task.relations
        erases = self._task.request.mode is TransferMode.ERASE
        version = await in_background(refresh.finish if erases else refresh.build, relations)
        shrunk = await in_background(refresh.shrunk, version)
        await in_background(self._task.indexes.sweep)
        found = {"shrunk": f"{refresh.form.place}: {shrunk}"} if shrunk else {}
        return {"entries": version.entries, "distinct_records": version.distinct_records, **found}

    async def put_to_use(self) -> StepResult:
        """Puts the version to use that the transfer goes by, however much it has shrunk."""
        await in_background(self._refresh().put_to_use)
        return {}

    async def _prepare(self, number: int) -> IndexChunk | None:
        """Reads a chunk; None if there are no more entries."""
        read = await self._reader.read(number)
        if not read.pages:
            return None
        return await to_its_end(in_background(self._refresh().prepare, read.pages, last=read.last))

    async def _begin_reading(self, stack: AsyncExitStack, number: int) -> AsyncIterator[IndexPage | IndexChangesPage]:
        refresh = self._refresh()
        connector = await stack.enter_async_context(self._task.connections.open(self._connection))
        before = refresh.chunk(number - 1)
        after = (await asyncio.to_thread(IndexFile.read, before)).resume_token if number else None
        return refresh.pages(connector, after)

    def _refresh(self) -> IndexRefresh:
        task = self._task
        return IndexRefresh(
            form=IndexForm.of(task.connections, self._connection, self._way.source),
            strategy=self._way.strategy,
            store=task.indexes,
            limits=task.index_limits,
            directory=self._directory,
        )


def index_entries(task: Task, plan: Plan) -> str:
    """A query over the index that a transfer goes by, of `index.COLUMNS`; nothing where it looks nobody up.

    Raises Permanent if the index is gone.
    """
    if not plan.reconciles or task.request.mode is TransferMode.UNDO:
        return files([], COLUMNS)
    return " UNION ALL ".join(f"({_version(task, number).query()})" for number in range(len(task.ways)))


def index_files(task: Task, partition: int, bits: int) -> Sequence[Path]:
    """Files that hold the entries of a partition of keys, maybe with others: the top bits of a key are its partition.

    Where one layer of an index takes back entries of another, they are put together in a file of the transfer.
    """
    return [path for number in range(len(task.ways)) for path in _files(task, number, partition, bits)]


def _files(task: Task, number: int, partition: int, bits: int) -> Sequence[Path]:
    version = _version(task, number)
    found = version.files(partition, bits)
    if found is not None:
        return found
    path = _directory(task.workspace, number) / "parts" / f"{bits}-{partition:02x}.parquet"
    with task.relations.session() as session:
        session.publish(version.query(partition, bits), path)
    return [path]


def _version(task: Task, number: int) -> IndexVersion:
    version = IndexVersion.of(version_directory(_directory(task.workspace, number)))
    if version is None:
        raise Permanent("the identity index that it goes by is gone", remedy="Share again.")
    return version


def _directory(workspace: Workspace, number: int) -> Path:
    return workspace.root / "index" / f"{number}"
