"""Stage deliver: sends joiners and leavers to the destination, chunk by chunk, and keeps what it refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway import fail_points
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import (
    AudienceCreator,
    Connector,
    GatewayError,
    MemberFinder,
    MemberRemover,
    MemberReplacer,
    MemberWriter,
    Permanent,
    TargetBatch,
    WritePromise,
    WriteRequest,
    WriteResult,
)
from audience_gateway.sdk.one_ahead import one_ahead
from audience_gateway.sdk.row_groups import batches_of
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.storage.relations import files
from audience_gateway.transfers.background import in_background, to_its_end
from audience_gateway.transfers.chunk_ledger import ChunkState
from audience_gateway.transfers.model import Stage, TransferMode
from audience_gateway.transfers.outgoing import Outgoing, read_outgoing
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task
from audience_gateway.transfers.withdrawing import chunk_of, withdraw
from audience_gateway.transfers.writes import Change, write_key

_EVERYBODY = {
    TransferMode.REPLACE: ("compared",),
    TransferMode.ADD_ONLY: ("compared", "leavers"),
    TransferMode.REMOVE_ONLY: ("compared", "staying"),
    TransferMode.DELTA: ("compared", "staying"),
    TransferMode.UNDO: ("compared", "staying"),
    TransferMode.ERASE: ("compared", "staying"),
}
"""Whose files tell who are members once the transfer is done."""
_MEMBER = {"target": "VARCHAR", "target_key": "UUID"}


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
        async with self._turn():
            await connector.create_audience(audience, audience)
        return {}

    async def add(self, number: int, plan: Plan) -> StepResult:
        """Adds one chunk of joiners. Answers how many were accepted and refused, or that it is in doubt."""
        connector = await self._destination()
        if not isinstance(connector, MemberWriter):
            raise self._unable("write members")
        return await self._send(Change.ADD, number, plan, connector.write_members)

    async def remove(self, number: int, plan: Plan) -> StepResult:
        """Removes one chunk of leavers. Answers how many were accepted and refused, or that it is in doubt."""
        connector = await self._destination()
        if not isinstance(connector, MemberRemover):
            raise self._unable("remove members")
        return await self._send(Change.REMOVE, number, plan, connector.remove_members)

    async def in_doubt(self, change: Change, number: int) -> bool:
        """Whether a chunk was sent, and it could not be found out what became of it."""
        record = await asyncio.to_thread(self._task.chunks.record, change, number)
        return record is not None and record.state is ChunkState.SENDING

    async def replace(self, members: int, plan: Plan) -> StepResult:
        """Replaces all members. Answers how many were accepted and refused."""
        connector = await self._destination()
        if not isinstance(connector, MemberReplacer):
            raise self._unable("replace members")
        record = await asyncio.to_thread(
            self._task.chunks.enter, Change.REPLACE, 0, rows=members, content_hash="", state=ChunkState.CLAIMED
        )
        async with self._turn():
            withdrawn = await in_background(self._withdraw_from_all, plan, record.state)
            members -= len(withdrawn)
            everybody = aclosing(one_ahead(self._all_members(withdrawn)))
            async with everybody as going, self._sending(Change.REPLACE, 0, record.state):
                result = await connector.replace_members(
                    self._task.request.destination.audience,
                    self._task.source,
                    going,
                    write_key(self._task.id, Change.REPLACE, 0),
                )
        self._check(result, members)
        if result.refused:
            raise Permanent(
                f"the destination refused {len(result.refused)} of {members} members of a replacement",
                place=str(self._task.request.destination),
                remedy="A replacement is taken whole or not at all.",
            )
        await asyncio.to_thread(self._task.chunks.move, Change.REPLACE, 0, ChunkState.SENT)
        await in_background(self._task.progress, Stage.DELIVER, members, members)
        return {"accepted": members, "refused": 0}

    async def _send(
        self,
        change: Change,
        number: int,
        plan: Plan,
        send: Callable[[WriteRequest], Awaitable[WriteResult]],
    ) -> StepResult:
        task = self._task
        chunk = await in_background(read_outgoing, task, plan, change, number)
        fail_points.reached("before claim")
        record = await asyncio.to_thread(
            task.chunks.enter,
            change,
            number,
            rows=len(chunk),
            content_hash=chunk.content_hash,
            state=ChunkState.CLAIMED,
        )
        fail_points.reached("after claim")
        if record.state is ChunkState.SENT:  # by a run that was killed before its result was kept
            return {"accepted": record.rows - record.refused, "refused": record.refused}
        members = chunk
        if record.state is ChunkState.SENDING and plan.promise is WritePromise.AT_LEAST_ONCE:
            unsettled = await self._unsettled(change, number, chunk)
            if unsettled is None:
                return {"in_doubt": len(chunk)}
            members = unsettled
        async with self._turn():
            members, withdrawn = await self._without_suppressed(change, number, members, plan, record.state)
            result = await self._write(change, number, members, send, record.state)
        refused = await asyncio.to_thread(self._keep_refused, change, number, members, result) + withdrawn
        fail_points.reached("before ack")
        await asyncio.to_thread(task.chunks.move, change, number, ChunkState.SENT, refused=refused)
        fail_points.reached("after ack")
        return {"accepted": len(chunk) - refused, "refused": refused}

    async def _without_suppressed(
        self, change: Change, number: int, members: Outgoing, plan: Plan, state: ChunkState
    ) -> tuple[Outgoing, int]:
        """Those of some members that may be sent now, and how many of the chunk may not."""
        if change is not Change.ADD:
            return members, 0
        chunk, sent_before = chunk_of(self._task, plan, number), state is ChunkState.SENDING
        withdrawn = await in_background(withdraw, self._task, plan, change, number, chunk, sent_before=sent_before)
        return members.without(withdrawn), len(withdrawn)

    async def _write(
        self,
        change: Change,
        number: int,
        members: Outgoing,
        send: Callable[[WriteRequest], Awaitable[WriteResult]],
        before: ChunkState,
    ) -> WriteResult:
        if not len(members):
            return WriteResult(0)
        async with self._sending(change, number, before):
            result = await send(self._request(members, change, number))
        self._check(result, len(members))
        return result

    @asynccontextmanager
    async def _sending(self, change: Change, number: int, before: ChunkState) -> AsyncIterator[None]:
        """Notes that the block sends a chunk, and takes that back where nothing of it can have arrived."""
        chunks = self._task.chunks
        await asyncio.to_thread(chunks.move, change, number, ChunkState.SENDING)
        self._task.still_ours()
        fail_points.reached("before send")
        try:
            yield
        except GatewayError as error:
            if not error.sent:
                await asyncio.to_thread(chunks.move, change, number, before)
            raise
        fail_points.reached("after send")

    async def _unsettled(self, change: Change, number: int, chunk: Outgoing) -> Outgoing | None:
        """The members of a chunk sent without an answer for which the change is still to be made; None: unknown."""
        connector = await self._destination()
        if not isinstance(connector, MemberFinder) or chunk.attributes is not None:
            return None  # that somebody is a member does not tell with which attributes
        async with self._turn():
            found = set(await connector.find_members(self._request(chunk, change, number)))
        return chunk.take([index for index in range(len(chunk)) if (index in found) is (change is Change.REMOVE)])

    async def _destination(self) -> Connector:
        if self._connector is None:
            opened = self._task.connections.open(self._task.request.destination.connection)
            self._connector = await self._open.enter_async_context(opened)
        return self._connector

    def _turn(self) -> AbstractAsyncContextManager[None]:
        return self._task.turns.turn(self._task.request.destination.connection)

    def _request(self, members: Outgoing, change: Change, number: int) -> WriteRequest:
        return WriteRequest(
            audience=self._task.request.destination.audience,
            source=self._task.source,
            batch=members.batch,
            key=write_key(self._task.id, change, number),
            attributes=members.attributes,
        )

    def _keep_refused(self, change: Change, number: int, members: Outgoing, result: WriteResult) -> int:
        path = self._task.workspace.refused(change, number)
        path.unlink(missing_ok=True)  # of an attempt whose result was not kept
        if result.refused:
            columns = {
                "target": members.take([refusal.index for refusal in result.refused]).targets,
                "code": pa.array([refusal.code for refusal in result.refused], pa.string()),
                "detail": pa.array([refusal.detail for refusal in result.refused], pa.string()),
            }
            with replacing(path) as temporary:
                pq.write_table(pa.table(columns), temporary)
        return len(result.refused)

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

    def _withdraw_from_all(self, plan: Plan, state: ChunkState) -> frozenset[str]:
        members = files(self._everybody(), _MEMBER)
        sent_before = state is ChunkState.SENDING
        return withdraw(self._task, plan, Change.REPLACE, 0, members, sent_before=sent_before)

    async def _all_members(self, withdrawn: frozenset[str]) -> AsyncIterator[TargetBatch]:
        for path in self._everybody():
            async for batch in self._targets(path):
                going = batch.targets if not withdrawn else Outgoing(batch.targets).without(withdrawn).targets
                if len(going):
                    yield TargetBatch.of(going)

    def _everybody(self) -> list[Path]:
        workspace = self._task.workspace
        return [path for stage in _EVERYBODY[self._task.request.mode] for path in workspace.parts(stage)]

    async def _targets(self, path: Path) -> AsyncIterator[TargetBatch]:
        reader = pq.ParquetFile(path)
        try:
            batches = batches_of(reader, self._task.sizes.chunk_rows, ["target"])
            while (batch := await to_its_end(asyncio.to_thread(next, batches, None))) is not None:
                yield TargetBatch.of(batch.column("target"))
        finally:
            reader.close()

    def _unable(self, ability: str) -> Permanent:
        return Permanent(f"the connector cannot {ability}", place=str(self._task.request.destination))
