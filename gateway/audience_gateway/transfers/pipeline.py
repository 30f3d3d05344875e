"""The order of the stages: one transfer as a job of durable steps."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import cast

from audience_gateway.identity.partitions import Partition, partitions
from audience_gateway.jobs.engine import StepResult
from audience_gateway.memory import give_back
from audience_gateway.transfers.accounting import Accounting
from audience_gateway.transfers.choosing import choose, know
from audience_gateway.transfers.claim import claim
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.comparing import compare_all
from audience_gateway.transfers.creating import Creating
from audience_gateway.transfers.deliver import Delivery
from audience_gateway.transfers.delivered import Delivered, Span
from audience_gateway.transfers.dry_run import check_snapshot, would_be_delivered
from audience_gateway.transfers.ending import Ending, EndsEarly
from audience_gateway.transfers.extract import Extraction
from audience_gateway.transfers.guarding import Guarding
from audience_gateway.transfers.holding import Holding
from audience_gateway.transfers.index import Indexing
from audience_gateway.transfers.index_ahead import IndexAhead
from audience_gateway.transfers.known import Known
from audience_gateway.transfers.model import Stage, TransferMode
from audience_gateway.transfers.normalise import normalise_chunk
from audience_gateway.transfers.normalise_ahead import NormaliseAhead
from audience_gateway.transfers.plan import Plan, plan
from audience_gateway.transfers.receiving import note_received
from audience_gateway.transfers.reconcile import asks, reconcile
from audience_gateway.transfers.shares import shares
from audience_gateway.transfers.steps import TransferSteps
from audience_gateway.transfers.task import Task
from audience_gateway.transfers.writes import Change


class Pipeline:
    """Runs the stages of one transfer, in a thread of the job engine.

    Args:
        task: the transfer.
        steps: its durable steps.
        accounting: accounts for it when it ends.
        holding: holds it back.
        begin_stage: is told each stage that begins.
    """

    def __init__(
        self,
        task: Task,
        steps: TransferSteps,
        accounting: Accounting,
        holding: Holding,
        begin_stage: Callable[[Stage], None],
    ) -> None:
        self._task = task
        self._steps = steps
        self._accounting = accounting
        self._guarding = Guarding(task, steps, holding)
        self._begin_stage = begin_stage
        self._normalise_ahead = NormaliseAhead(task)
        self._extraction = Extraction(task, self._normalise_ahead.start)
        self._indexing = Indexing(task, task.ways[0])
        self._index_ahead = IndexAhead(task, task.ways[0])
        self._delivery = Delivery(task)
        self._creating = Creating(task, steps)
        self._known = Known()

    def run(self) -> None:
        """All stages in their order. Raises EndsEarly where not even an account could be made."""
        try:
            ending = self._stages(self._known)
        except EndsEarly as early:
            ending = early.ending
            self._steps.finish("close", partial(_closing, self.close))
        known = self._known
        with self._stage(Stage.SETTLE):
            settled = self._steps.finish("settle", lambda: self._accounting.settle(known, ending))
        with self._stage(Stage.RECEIPT):
            self._steps.finish("receipt", lambda: self._accounting.receipt(known, ending, settled))

    async def close(self) -> None:
        """Lets go of the systems."""
        await self._extraction.close()
        await self._normalise_ahead.close()
        await self._index_ahead.close()
        await self._indexing.close()
        await self._creating.close()
        await self._delivery.close()

    def _stages(self, known: Known) -> Ending:
        task = self._task
        with self._stage(Stage.PLAN):
            known.planned = planned = Plan.of(self._steps.run("plan", lambda: plan(task)))
        with self._stage(Stage.EXTRACT):
            self._read(planned, known)
        with self._stage(Stage.RECONCILE):
            self._reconcile(planned, known)
            self._creating.name(known)
        with self._stage(Stage.COMPARE):
            known.changes = changes = compare_all(self._steps, task, known, planned)
            if task.request.dry_run:
                self._steps.run("check-snapshot", lambda: check_snapshot(task, planned))
        with self._stage(Stage.GUARD):
            try:
                undelivered = self._guarding.run(known, planned, changes)
            finally:
                self._go_on_with(self._guarding.task)
        if undelivered is None and task.request.dry_run:
            self._creating.pretend(known)
            known.delivered = would_be_delivered(planned, changes)
        elif undelivered is None:
            with self._stage(Stage.DELIVER):
                self._deliver(known.planned, known.changes)
        return undelivered or Ending()

    def _go_on_with(self, task: Task) -> None:
        self._task = task
        self._delivery = Delivery(task)
        self._creating = Creating(task, self._steps)
        self._accounting = self._accounting.of(task)

    def _read(self, planned: Plan, known: Known) -> None:
        """Extracts and normalises chunk by chunk, the files of the next one while steps of one are taken."""
        number = 0
        while not known.source_complete:
            before = known.rows_read
            chunk = self._steps.run(
                f"extract-{number:05d}",
                partial(self._extract, number, before, planned),
                self._extraction.close,
            )
            rows = _count(chunk, "rows")
            known.rows_read = before + rows
            known.chunks += bool(rows)
            if rows:
                self._steps.run(f"normalise-{number:05d}", partial(self._normalise, number, before, planned))
            known.source_complete = bool(chunk["last"])
            number += 1
        self._steps.run("extract-end", partial(_closing, self._extraction.close))

    async def _extract(self, number: int, before: int, planned: Plan) -> StepResult:
        if number and self._indexed(planned):  # of many rows; few are not worth a second connection
            self._index_ahead.start()
        return await self._extraction.chunk(number, before, planned)

    async def _normalise(self, number: int, before: int, planned: Plan) -> StepResult:
        await self._normalise_ahead.ended(number)
        return await normalise_chunk(self._task, planned, number, before)

    def _indexed(self, planned: Plan) -> bool:
        return planned.reconciles and self._task.request.mode is not TransferMode.UNDO

    def _reconcile(self, planned: Plan, known: Known) -> None:
        task, most = self._task, self._task.sizes.partition_rows
        indexed = self._indexed(planned)
        entries = self._index() if indexed else 0
        if indexed and task.further:
            self._choose(max(known.rows_read * len(task.ways), entries))
        whole = task.request.mode is TransferMode.ERASE  # few ids, whose records are known by more than the index
        parts = [Partition()] if whole else partitions(max(known.rows_read, entries), most)
        give_back()  # reading leaves more holes than a partition needs
        for partition in parts:
            found = self._steps.run(
                f"reconcile-{partition.name}", partial(reconcile, task, planned, partition, known.rows_read)
            )
            known.claiming += _count(found, "claiming")
        known.shares = len(partitions(max(known.claiming, planned.snapshot_members), most))
        if asks(task, planned) and known.contested:
            for share in shares(known.shares):
                claimed = self._steps.run(f"claim-{share.name}", partial(claim, task, share))
                known.claiming -= _count(claimed, "claimless")

    def _choose(self, rows: int) -> None:
        for partition in partitions(rows, self._task.sizes.partition_rows):
            self._steps.run(f"know-{partition.name}", partial(know, self._task, partition))
        self._steps.run("choose", partial(choose, self._task))

    def _index(self) -> int:
        entries = 0
        self._known.contested = len(self._task.ways) > 1
        for number, way in enumerate(self._task.ways):
            self._indexing = Indexing(self._task, way, number)
            entries += self._index_by(self._indexing, number)
        return entries

    async def _begin_index(self, indexing: Indexing, number: int) -> StepResult:
        begun = await self._index_ahead.begun() if number == 0 else None
        return begun or await indexing.begin()

    def _index_by(self, indexing: Indexing, way: int) -> int:
        name = f"index-{way}" if way else "index"
        begun = self._steps.run(f"{name}-begin", partial(self._begin_index, indexing, way))
        number, last = 0, not begun["reads"]
        while not last:
            chunk = self._steps.run(f"{name}-{number:05d}", partial(indexing.chunk, number), indexing.close)
            last = bool(chunk["last"])
            number += 1
        finished = self._steps.run(f"{name}-end", indexing.finish, indexing.close)
        if "shrunk" in finished:
            self._known.shrunken += (str(finished["shrunk"]),)
        self._known.contested |= not finished.get("distinct_records")
        return _count(finished, "entries")

    def _deliver(self, planned: Plan, changes: Changes) -> None:
        if changes.joiners:
            self._steps.run("received", partial(note_received, self._task, planned))
        if planned.creates:
            self._steps.run("create-audience", self._delivery.create_audience, self._delivery.close)
        changes = self._creating.run(self._known, planned, changes)
        if planned.replaces:
            first = planned.snapshot_version == 0 and not self._task.request.mode.names_leavers
            if changes.joiners or changes.leavers or first:
                self._replace(changes, planned)
        else:
            self._change(Change.ADD, changes.joiners, self._delivery.add, planned)
            if planned.removes:
                self._change(Change.REMOVE, changes.leavers, self._delivery.remove, planned)
        self._steps.run("deliver-end", partial(_closing, self._delivery.close))

    def _replace(self, changes: Changes, planned: Plan) -> None:
        everybody = Delivered(Span(changes.joiners), Span(changes.leavers))
        try:
            self._steps.run(
                "replace",
                partial(self._delivery.replace, changes.members + changes.kept, planned),
                self._delivery.close,
            )
        except EndsEarly:
            if self._in_doubt(Change.REPLACE, 0):
                self._known.delivered = Delivered(_doubtful(changes.joiners), _doubtful(changes.leavers))
            raise
        self._known.delivered = everybody

    def _change(
        self,
        change: Change,
        members: int,
        deliver: Callable[[int, Plan], Awaitable[StepResult]],
        planned: Plan,
    ) -> None:
        size = planned.members_a_write
        for number in range(-(-members // size)):
            first, last = number * size, min((number + 1) * size, members)
            try:
                result = self._steps.run(
                    f"{change}-{number:05d}", partial(deliver, number, planned), self._delivery.close
                )
            except EndsEarly:
                if self._in_doubt(change, number):
                    self._reach(change, first, last, in_doubt=True, refused=0)
                raise
            self._reach(change, first, last, in_doubt="in_doubt" in result, refused=_count(result, "refused"))

    def _reach(self, change: Change, first: int, last: int, *, in_doubt: bool, refused: int) -> None:
        delivered, changes = self._known.delivered, self._known.changes
        before = delivered.added if change is Change.ADD else delivered.removed
        doubts = (*before.doubts, (first, last)) if in_doubt else before.doubts
        span = Span(last, doubts, before.refused + refused)
        after = replace(delivered, added=span) if change is Change.ADD else replace(delivered, removed=span)
        self._known.delivered = after
        if changes is not None:
            done = after.added.through + after.removed.through
            self._task.progress(Stage.DELIVER, done, changes.joiners + changes.leavers)

    def _in_doubt(self, change: Change, number: int) -> bool:
        async def look() -> StepResult:
            return {"in_doubt": await self._delivery.in_doubt(change, number)}

        return bool(self._steps.finish(f"{change}-{number:05d}-doubt", look)["in_doubt"])

    @contextlib.contextmanager
    def _stage(self, stage: Stage) -> Iterator[None]:
        self._begin_stage(stage)
        yield


def _doubtful(changes: int) -> Span:
    return Span(changes, ((0, changes),) if changes else ())


async def _closing(close: Callable[[], Awaitable[None]]) -> StepResult:
    await close()
    return {}


def _count(result: StepResult, name: str) -> int:
    return cast("int", result.get(name, 0))
