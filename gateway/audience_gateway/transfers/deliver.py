"""Stage deliver: sends joiners and leavers to the destination, chunk by chunk, and keeps what it refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import (
    AudienceCreator,
    Connector,
    MemberRemover,
    MemberReplacer,
    MemberWriter,
    Permanent,
    TargetBatch,
    WriteRequest,
    WriteResult,
)
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.storage.relations import files
from audience_gateway.transfers import compare
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.task import Task

REFUSED = {"target": "VARCHAR", "code": "VARCHAR", "detail": "VARCHAR"}
"""Columns of a file of refused members with their DuckDB types."""


class Delivery:
    """Delivering under way; its connection is kept open between chunks."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._open = AsyncExitStack()
        self._connector: Connector | None = None

    async def close(self) -> None:
        """Lets go of the destination."""
        self._connector = None
        await self._open.aclose()

    async def create_audience(self) -> StepResult:
        """Creates the destination's audience."""
        connector = await self._destination()
        if not isinstance(connector, AudienceCreator):
            raise self._unable("create audiences")
        audience = self._task.request.destination.audience
        await connector.create_audience(audience, audience)
        return {}

    async def add(self, number: int) -> StepResult:
        """Adds one chunk of joiners. Answers how many were accepted and refused."""
        connector = await self._destination()
        if not isinstance(connector, MemberWriter):
            raise self._unable("write members")
        chunk = await asyncio.to_thread(self._chunk, "compared.parquet", compare.COMPARED, number)
        result = await connector.write_members(self._request(chunk, f"add-{number:05d}"))
        return await self._keep("add", number, chunk, result)

    async def remove(self, number: int) -> StepResult:
        """Removes one chunk of leavers. Answers how many were accepted and refused."""
        connector = await self._destination()
        if not isinstance(connector, MemberRemover):
            raise self._unable("remove members")
        chunk = await asyncio.to_thread(self._chunk, "leavers.parquet", compare.LEAVERS, number)
        result = await connector.remove_members(self._request(chunk, f"remove-{number:05d}"))
        return await self._keep("remove", number, chunk, result)

    async def replace(self, members: int) -> StepResult:
        """Replaces all members. Answers how many were accepted and refused."""
        connector = await self._destination()
        if not isinstance(connector, MemberReplacer):
            raise self._unable("replace members")
        result = await connector.replace_members(
            self._task.request.destination.audience, self._task.source, self._all_members(), f"{self._task.id}/replace"
        )
        self._check(result, members)
        if result.refused:
            raise Permanent(
                f"the destination refused {len(result.refused)} of {members} members of a replacement",
                place=str(self._task.request.destination),
                remedy="A replacement is taken whole or not at all.",
            )
        self._task.progress(Stage.DELIVER, members, members)
        return {"accepted": members, "refused": 0}

    async def _destination(self) -> Connector:
        if self._connector is None:
            opened = self._task.connections.open(self._task.request.destination.connection)
            self._connector = await self._open.enter_async_context(opened)
        return self._connector

    def _chunk(self, name: str, columns: dict[str, str], number: int) -> pa.Table:
        first = number * self._task.sizes.deliver_rows
        last = first + self._task.sizes.deliver_rows
        with self._task.relations.session() as session:
            session.view("change", files([self._task.workspace.file(name)], columns))
            return session.read(
                f"SELECT target FROM change WHERE position >= {first} AND position < {last} ORDER BY position"
            ).combine_chunks()

    def _request(self, chunk: pa.Table, change: str) -> WriteRequest:
        return WriteRequest(
            audience=self._task.request.destination.audience,
            source=self._task.source,
            batch=TargetBatch.of(pa.concat_arrays(chunk.column("target").chunks)),
            key=f"{self._task.id}/{change}",
        )

    async def _keep(self, change: str, number: int, chunk: pa.Table, result: WriteResult) -> StepResult:
        self._check(result, chunk.num_rows)
        path = self._task.workspace.refused(change, number)
        path.unlink(missing_ok=True)  # of an attempt whose result was not kept
        if result.refused:
            refused = chunk.take([refusal.index for refusal in result.refused])
            columns = {
                "target": refused.column("target"),
                "code": pa.array([refusal.code for refusal in result.refused], pa.string()),
                "detail": pa.array([refusal.detail for refusal in result.refused], pa.string()),
            }
            with replacing(path) as temporary:
                pq.write_table(pa.table(columns), temporary)
        return {"accepted": result.accepted, "refused": len(result.refused)}

    def _check(self, result: WriteResult, members: int) -> None:
        indices = {refusal.index for refusal in result.refused}
        sound = len(indices) == len(result.refused) and all(0 <= index < members for index in indices)
        if not sound or result.accepted + len(result.refused) != members:
            account = f"{result.accepted} accepted and {len(result.refused)} refused"
            raise Permanent(
                f"the connector accounted for {account} of {members} members",
                place=str(self._task.request.destination),
                remedy="Report this to the author of the plugin: every member must be accepted or refused.",
            )

    async def _all_members(self) -> AsyncIterator[TargetBatch]:
        path = self._task.workspace.file("members.parquet")
        reader = pq.ParquetFile(path)
        try:
            batches = reader.iter_batches(self._task.sizes.chunk_rows, columns=["target"])
            while (batch := await asyncio.to_thread(next, batches, None)) is not None:
                yield TargetBatch.of(batch.column("target"))
        finally:
            reader.close()

    def _unable(self, ability: str) -> Permanent:
        return Permanent(f"the connector cannot {ability}", place=str(self._task.request.destination))
