"""Transfers on the job engine: the implementation of `transfers.service`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa

from audience_gateway.jobs.engine import Job, JobEngine, JobSchedules, Steps, Submission
from audience_gateway.sdk import ConfigError, EventKind, Permanent
from audience_gateway.storage.relations import Relations
from audience_gateway.transfers import rows
from audience_gateway.transfers.accounting import end_unbegun
from audience_gateway.transfers.background import in_background, to_its_end
from audience_gateway.transfers.ending import CANCELLED
from audience_gateway.transfers.holds import Release
from audience_gateway.transfers.model import (
    GuardLimits,
    Priority,
    Receipt,
    ShareRequest,
    Transfer,
    TransferMode,
    TransferState,
    UndeliveredRef,
    UndoneRef,
    transfer_id_of,
)
from audience_gateway.transfers.receipt import receipt
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.service import (
    OutcomeQuery,
    RequestIdReused,
    TransferNotEnded,
    TransferNotFound,
    WrongState,
)
from audience_gateway.transfers.settle import HELD, OUTCOMES
from audience_gateway.transfers.several_sources import check_alike
from audience_gateway.transfers.signing import VerifyingKey
from audience_gateway.transfers.stale_changes import check_newest
from audience_gateway.transfers.undelivered import RETRIED
from audience_gateway.transfers.undo import check_undoable
from audience_gateway.transfers.watchers import Watchers
from audience_gateway.transfers.worker import Worker

_WATCH_SECONDS = 0.25
_ANY_REMOVALS = GuardLimits(removed_rows=2**63 - 1, removed_share=1.0)
_PRIORITIES = {Priority.HIGH: 5, Priority.NORMAL: 10, Priority.LOW: 15}


class Transfers:
    """Starts transfers and tells of them.

    Args:
        worker: runs them.
        engine: makes the job engine from the job that it is to run.
    """

    def __init__(self, worker: Worker, engine: Callable[[Job], JobEngine]) -> None:
        self._watchers = Watchers()
        self._worker = replace(worker, observe=self._watchers.telling(worker.observe))
        self._ledger = worker.ledger
        self._connections = worker.connections
        self._options = worker.options
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine = engine(self._run)

    @property
    def schedules(self) -> JobSchedules:
        """The schedules of the engine, once it is launched."""
        return self._engine.schedules

    async def launch(self) -> None:
        """Starts the engine; transfers that have not ended go on, paused ones stay paused, withheld ones withheld."""
        self._loop = asyncio.get_running_loop()
        await self._engine.launch()
        for transfer in await asyncio.to_thread(self._ledger.unfinished):
            await self._submit(transfer)
            if transfer.state is TransferState.PAUSED:
                await self._engine.halt(transfer.id)

    async def forget(self, transfers: Sequence[str]) -> None:
        """Drops what the engine keeps of transfers that have ended."""
        await self._engine.forget(transfers)

    async def stop(self) -> None:
        """Stops the engine; transfers under way go on at the next launch, or in another process."""
        await self._engine.stop()

    async def start(self, request: ShareRequest) -> Transfer:
        """Accepts a transfer.

        Raises ConfigError for names that are not configured or do not go together, RequestIdReused.
        """
        sources = [self._connections.data_source(name) for name in request.data_sources]
        for source in sources:
            self._connections.reconciler(source.id_type)
        check_alike(request, sources)
        if request.source == request.destination:
            raise ConfigError("source and destination are the same audience", place=str(request.source))
        guard = request.guard.filled(self._options.guard) if request.guard else self._options.guard
        request = replace(request, policy=request.policy or sources[0].policy, guard=guard)
        transfer_id = transfer_id_of(request.request_id)
        accepted = await asyncio.to_thread(self._ledger.accept, transfer_id, request)
        transfer = await self.get(transfer_id)
        if not accepted and transfer.request != request:
            raise RequestIdReused
        if accepted:
            self._worker.observe(EventKind.TRANSFER_STARTED, transfer_id)
        await self._submit(transfer)
        return transfer

    async def get(self, transfer: str) -> Transfer:
        """One transfer. Raises TransferNotFound."""
        found = await asyncio.to_thread(self._ledger.transfer, transfer)
        if found is None:
            raise TransferNotFound(transfer)
        return found

    async def list(self, *, after: str = "", limit: int) -> list[Transfer]:
        """Transfers, the newest first, behind the one of id `after`."""
        return await asyncio.to_thread(self._ledger.transfers, after=after, limit=limit)

    async def watch(self, transfer: str) -> AsyncIterator[Transfer]:
        """The transfer now and whenever it has changed, a few times a second at most, until it ends or is withheld.

        Raises TransferNotFound.
        """
        seen: Transfer | None = None
        with self._watchers.watching(transfer) as glance:
            while seen is None or not _rests(seen):
                glance.begin()
                now = await self.get(transfer)
                if now != seen:
                    yield now
                seen = now
                if not _rests(now):
                    await glance.next(_WATCH_SECONDS)

    async def cancel(self, transfer: str) -> Transfer:
        """Ends it at the next boundary of a chunk. Raises TransferNotFound, WrongState if it has ended otherwise."""
        found = await self.get(transfer)
        if not await asyncio.to_thread(self._end_unbegun, found):
            if not await asyncio.to_thread(self._ledger.request_cancel, transfer):
                return await self._in(transfer, TransferState.CANCELLED)
            await self._engine.resume(transfer)
        else:
            self._worker.observe(EventKind.TRANSFER_ENDED, transfer)
            await self._engine.halt(transfer)
        return await self.get(transfer)

    async def pause(self, transfer: str) -> Transfer:
        """Halts it. Raises TransferNotFound, WrongState if it has ended or is about to."""
        await self.get(transfer)
        paused = await asyncio.to_thread(self._ledger.pause, transfer)
        found = await self.get(transfer) if paused else await self._in(transfer, TransferState.PAUSED)
        await self._engine.halt(transfer)
        return found

    async def resume(self, transfer: str) -> Transfer:
        """Lets a paused one go on. Raises TransferNotFound, WrongState if it has ended."""
        await self.get(transfer)
        resumed = await asyncio.to_thread(self._ledger.resume, transfer)
        going_on = (TransferState.PENDING, TransferState.RUNNING)
        found = await self.get(transfer) if resumed else await self._in(transfer, *going_on)
        await self._engine.resume(transfer)
        return found

    async def release(self, transfer: str, reason: str, *, request_id: str = "") -> Transfer:
        """Lets a withheld one go on. Raises TransferNotFound, WrongState if it is not withheld."""
        await self.get(transfer)
        release = Release(reason, datetime.now(UTC), request_id)
        released = await asyncio.to_thread(self._worker.holds.release, transfer, release)
        found = await self.get(transfer)
        if not released and not any(_is_release(hold.release, release) for hold in found.holds):
            raise WrongState(transfer, found.state)
        await self._engine.resume(transfer)
        return found

    async def end_waits(self, now: datetime) -> None:
        """Ends the wait of those that were not released in time, and lets those go on that a process left halted."""
        holds = self._worker.holds
        for transfer in await asyncio.to_thread(holds.overdue, now):
            await asyncio.to_thread(holds.lapse, transfer)
        for transfer in await asyncio.to_thread(holds.going_on):
            await self._engine.resume(transfer)

    async def retry(self, transfer: str, *, request_id: str = "") -> Transfer:
        """Starts a transfer of the rows that were not delivered.

        Raises TransferNotFound, TransferNotEnded, ConfigError if there are none such, or they may be out of date.
        """
        found = await self.get(transfer)
        if not found.state.ended:
            raise TransferNotEnded(transfer)
        _check_not_dry(found)
        if found.request.mode is TransferMode.ERASE:
            raise ConfigError("it erases, and an erasure tries again by itself", place=f"transfers/{transfer}")
        if found.request.mode is TransferMode.UNDO:
            raise ConfigError(
                "it took another transfer back, and that is not retried",
                place=f"transfers/{transfer}",
                remedy=f"Undo {found.request.source} again: what is taken back is not sent twice.",
            )
        if not sum(count.reasons.get(reason, 0) for count in found.outcomes for reason in RETRIED):
            raise ConfigError("it has no rows that can be delivered now", place=f"transfers/{transfer}")
        if not request_id or await asyncio.to_thread(self._ledger.transfer, transfer_id_of(request_id)) is None:
            await asyncio.to_thread(check_newest, found, self._ledger, self._worker.snapshots)
        mode = found.request.mode if found.request.mode.names_leavers else TransferMode.ADD_ONLY
        return await self.start(
            replace(
                found.request,
                source=UndeliveredRef(transfer),
                mode=mode,
                deadline=None,
                request_id=request_id,
            )
        )

    async def undo(self, transfer: str, *, request_id: str = "") -> Transfer:
        """Starts a transfer that takes back what this one has changed.

        Raises TransferNotFound, TransferNotEnded, NotUndoable if another one has changed the destination since.
        """
        found = await self.get(transfer)
        if not found.state.ended:
            raise TransferNotEnded(transfer)
        _check_not_dry(found)
        if not request_id or await asyncio.to_thread(self._ledger.transfer, transfer_id_of(request_id)) is None:
            workspaces = self._worker.workspace(transfer).root.parent
            await asyncio.to_thread(check_undoable, workspaces, self._worker.snapshots, transfer)
        return await self.start(
            replace(
                found.request,
                source=UndoneRef(transfer),
                mode=TransferMode.UNDO,
                create_unknown_records=False,
                guard=_ANY_REMOVALS,
                deadline=None,
                schedule="",
                request_id=request_id,
            )
        )

    async def outcomes(self, query: OutcomeQuery) -> Sequence[RowOutcome]:
        """Rows with their outcome, by row. Raises TransferNotFound, TransferNotEnded, Permanent if not kept."""
        found = await self._accounted(query.transfer)
        if found is None:
            return []
        only = await self._only_source(query.transfer)
        return await asyncio.to_thread(rows.outcomes, found, self._options.limits, query, only)

    async def export_outcomes(self, query: OutcomeQuery) -> AsyncGenerator[pa.RecordBatch]:
        """All rows that a query asks for, whatever its limit, by row, in the columns that it has.

        Raises TransferNotFound, TransferNotEnded, Permanent if they are not kept.
        """
        accounted = await self._accounted(query.transfer)
        if accounted is None:
            return
        only = await self._only_source(query.transfer)
        found = rows.all_outcomes(accounted, self._options.limits, query, only)
        try:
            while (batch := await to_its_end(in_background(next, found, None))) is not None:
                yield batch
        finally:
            await in_background(found.close)

    async def receipt(self, transfer: str) -> Receipt:
        """The receipt. Raises TransferNotFound, TransferNotEnded, Permanent if there is none."""
        await self._ended(transfer)
        kept = await asyncio.to_thread(self._ledger.receipt, transfer)
        if kept is None:
            raise self._unaccounted(transfer, "it has no receipt")
        return receipt(transfer, kept)

    def receipt_key(self) -> VerifyingKey:
        """The public half of the key that signs receipts."""
        return self._worker.receipt_key.verifying

    async def _ended(self, transfer: str) -> None:
        if not (await self.get(transfer)).state.ended:
            raise TransferNotEnded(transfer)

    async def _only_source(self, transfer: str) -> str:
        """Name of the data source of all rows; empty if there were several."""
        request = (await self.get(transfer)).request
        several = request.further_data_sources and request.mode is not TransferMode.UNDO
        return "" if several else request.data_source

    async def _in(self, transfer: str, *states: TransferState) -> Transfer:
        found = await self.get(transfer)
        if found.state not in states:
            raise WrongState(transfer, found.state)
        return found

    async def _submit(self, transfer: Transfer) -> None:
        if transfer.state.ended:
            return
        destination = transfer.request.destination
        await self._engine.submit(
            Submission(
                job_id=transfer.id,
                queue=destination.connection,
                # A dry run changes nothing: it waits for nobody, and nobody waits for it.
                partition=transfer.id if transfer.request.dry_run else destination.audience,
                priority=_PRIORITIES[transfer.request.priority],
                number=transfer.number,
            )
        )

    def _run(self, transfer_id: str, steps: Steps) -> None:
        if self._loop is None:
            raise RuntimeError("the transfers are not launched")
        self._worker.run(transfer_id, steps, self._loop, self._engine)

    def _end_unbegun(self, transfer: Transfer) -> bool:
        with Relations(self._worker.workspace(transfer.id).scratch, self._options.limits) as relations:
            task = self._worker.task(transfer, relations, lambda: None)
            return end_unbegun(task, self._ledger, CANCELLED, transfer.created, self._worker.receipt_key)

    async def _accounted(self, transfer: str) -> rows.Accounted | None:
        """The rows of a transfer that has ended or is withheld; None if it was cancelled before it began."""
        workspace = self._worker.workspace(transfer)
        found = await self.get(transfer)
        if found.state is TransferState.WITHHELD:
            return rows.Accounted(workspace.compared_anew(len(found.holds) - 1), HELD)
        await self._ended(transfer)
        accounted = rows.Accounted(workspace, OUTCOMES)
        if await asyncio.to_thread(accounted.path.exists):
            return accounted
        kept = await asyncio.to_thread(self._ledger.receipt, transfer)
        if kept is not None and not receipt(transfer, kept).rows_read:
            return None
        raise self._unaccounted(transfer, "its rows are not kept")

    def _unaccounted(self, transfer: str, finding: str) -> Permanent:
        return Permanent(
            f"{finding}: the transfer failed before they were accounted for, or they were kept long enough",
            place=f"transfers/{transfer}",
            remedy="The transfer itself says how it ended.",
        )


def _rests(transfer: Transfer) -> bool:
    return transfer.state.ended or transfer.state is TransferState.WITHHELD


def _check_not_dry(transfer: Transfer) -> None:
    if transfer.request.dry_run:
        raise ConfigError(
            "it was a dry run and has changed nothing",
            place=f"transfers/{transfer.id}",
            remedy="Share the audience.",
        )


def _is_release(noted: Release | None, asked: Release) -> bool:
    """Whether that release was asked for by this request, or by an earlier attempt at it."""
    return noted == asked or (noted is not None and noted.request_id == asked.request_id != "")
