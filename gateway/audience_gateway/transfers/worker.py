"""Runs the job of one transfer in a thread of the job engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.jobs.engine import Steps, Stopped
from audience_gateway.sdk import EventKind
from audience_gateway.storage.relations import Relations
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.accounting import Accounting
from audience_gateway.transfers.background import stand_back
from audience_gateway.transfers.chunk_ledger import ChunkLedger
from audience_gateway.transfers.ending import EndsEarly, heed
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.full_disk import is_full_disk
from audience_gateway.transfers.heeded_turns import HeededTurns
from audience_gateway.transfers.hold_ledger import HoldLedger
from audience_gateway.transfers.holding import Holding, Jobs
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import Failure, Stage, Transfer, TransferMode
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.paced_progress import PacedProgress
from audience_gateway.transfers.pipeline import Pipeline
from audience_gateway.transfers.received import Received
from audience_gateway.transfers.service import TransferNotFound
from audience_gateway.transfers.signing import SigningKey
from audience_gateway.transfers.snapshots import Snapshots
from audience_gateway.transfers.steps import TransferSteps
from audience_gateway.transfers.streams import Streams
from audience_gateway.transfers.task import Task, Way
from audience_gateway.transfers.turns import Turns
from audience_gateway.transfers.workspace import Workspace

_CLOSE_SECONDS = 30


class AlreadyEnded(Exception):
    """The transfer has ended before its job has: it was cancelled before it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Runs transfers.

    Attributes:
        ledger: where they are entered.
        snapshots: what was delivered before.
        connections: the connections that they read and write.
        streams: members that have come in by streams.
        turns: whose turn it is to call a connection.
        options: how they run.
        receipt_key: signs their receipts.
        observe: is told of transfers that start and end, by their id.
        places: is held while a transfer works on its files, so that only so many do at a time.
    """

    ledger: Ledger
    snapshots: Snapshots
    connections: Connections
    streams: Streams
    turns: Turns
    options: TransferOptions
    receipt_key: SigningKey
    observe: Callable[[EventKind, str], None]
    places: AbstractContextManager[object] = field(default_factory=nullcontext)

    def run(self, transfer_id: str, steps: Steps, loop: asyncio.AbstractEventLoop, jobs: Jobs) -> None:
        """The job, one of `jobs`. Ends the transfer, whatever happens, unless the engine stops it."""
        stand_back()
        try:
            with Relations(self.workspace(transfer_id).scratch, self.options.limits, self.places) as relations:
                self._run(transfer_id, steps, relations, loop, jobs)
        except AlreadyEnded:
            return
        except EndsEarly as early:
            self._fail(transfer_id, early.ending.failure or failure(early))
        except Exception as error:  # noqa: BLE001  # every error ends the transfer with a failure that says so
            # A job that was stopped, or met a full disk, begins again; so does one that then failed to let go.
            if isinstance(error.__context__, Stopped) or (isinstance(error, OSError) and is_full_disk(error)):
                raise Stopped from None
            self._fail(transfer_id, failure(error))

    @property
    def holds(self) -> HoldLedger:
        """Where those are noted that are held back."""
        return HoldLedger(self.ledger.engine)

    def workspace(self, transfer: str) -> Workspace:
        """Where a transfer has its files."""
        return Workspace(self.options.state / "transfers" / transfer)

    def task(self, transfer: Transfer, relations: Relations, still_ours: Callable[[], None]) -> Task:
        """A transfer with all that its stages work with."""
        first, *further = [self._way(name) for name in transfer.request.data_sources]
        # What is taken back are members as they were delivered, and no ids to be looked up.
        several = transfer.request.mode is not TransferMode.UNDO
        return Task(
            id=transfer.id,
            request=transfer.request,
            created=transfer.created,
            source=first.source,
            strategy=first.strategy,
            further=tuple(further) if several else (),
            policy=transfer.request.policy or first.source.policy,
            guard=transfer.request.guard or self.options.guard,
            connections=self.connections,
            workspace=self.workspace(transfer.id),
            relations=relations,
            join=self.options.join,
            snapshots=self.snapshots,
            received=Received(self.options.state / "received"),
            suppressions=SuppressionList(self.options.state / "suppressions"),
            indexes=IndexStore(self.options.state / "indexes"),
            index_limits=self.options.indexes,
            people=self.options.people,
            streams=self.streams,
            chunks=ChunkLedger(self.ledger.engine, transfer.id),
            turns=HeededTurns(self.turns, partial(self._heed, transfer)),
            heed=partial(self._heed, transfer),
            held_by=lambda: self.ledger.paused_beside(transfer.id, transfer.request.destination),
            waiting_before=lambda: next(iter(self.holds.waiting_before(transfer.request, transfer.id)), None),
            last_delivered=lambda: self.ledger.last_delivered(transfer.request),
            still_ours=still_ours,
            sizes=self.options.sizes,
            progress=PacedProgress(partial(self.ledger.progress, transfer.id)),
            now=_now,
        )

    def _way(self, data_source: str) -> Way:
        source = self.connections.data_source(data_source)
        return Way(source, self.connections.reconciler(source.id_type))

    async def _heed(self, transfer: Transfer) -> None:
        cancelled = await asyncio.to_thread(self.ledger.cancel_requested, transfer.id)
        heed(cancelled=cancelled, deadline=transfer.request.deadline, now=_now)

    def _run(
        self, transfer_id: str, steps: Steps, relations: Relations, loop: asyncio.AbstractEventLoop, jobs: Jobs
    ) -> None:
        transfer = self.ledger.transfer(transfer_id)
        if transfer is None:
            raise TransferNotFound(transfer_id)
        if transfer.state.ended:
            return

        def begin_stage(stage: Stage) -> None:
            task.progress.catch_up()
            if not self.ledger.begin_stage(transfer_id, stage):
                raise AlreadyEnded

        task = self.task(transfer, relations, steps.still_ours)
        durable = TransferSteps(task, steps, self.options.retries)
        accounting = Accounting(task, self.ledger, transfer.created, self.receipt_key, self.observe)
        holding = Holding(task, self.holds, jobs, self.options.withheld_for, self.observe)
        pipeline = Pipeline(task, durable, accounting, holding, begin_stage)
        try:
            pipeline.run()
        finally:
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(pipeline.close(), loop).result(_CLOSE_SECONDS)

    def _fail(self, transfer_id: str, reason: Failure) -> None:
        self.ledger.fail(transfer_id, reason)
        self.observe(EventKind.TRANSFER_ENDED, transfer_id)
        self.workspace(transfer_id).forget_intermediates()


def _now() -> datetime:
    return datetime.now(UTC)
