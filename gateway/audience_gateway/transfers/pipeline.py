"""The order of the stages: one transfer as a job of durable steps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import cast

from audience_gateway.jobs.engine import StepResult, Steps
from audience_gateway.sdk import Reason
from audience_gateway.transfers.compare import Changes, compare
from audience_gateway.transfers.deliver import Delivery
from audience_gateway.transfers.extract import Extraction
from audience_gateway.transfers.failures import failure
from audience_gateway.transfers.guard import held_back
from audience_gateway.transfers.index import Indexing
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import Failure, RemovalCount, Stage, TransferState
from audience_gateway.transfers.normalise import normalise_chunk
from audience_gateway.transfers.plan import Plan, plan
from audience_gateway.transfers.receipt import outcome_counts, write_receipt
from audience_gateway.transfers.reconcile import reconcile
from audience_gateway.transfers.retries import RetryPolicy, retrying
from audience_gateway.transfers.settle import settle
from audience_gateway.transfers.task import Task


class TransferFailed(Exception):
    """A step ended in an error; carries what is said about it."""

    def __init__(self, reason: Failure) -> None:
        super().__init__(reason.reason)
        self.failure = reason


class Pipeline:
    """Runs the stages of one transfer, in a thread of the job engine.

    Args:
        task: the transfer.
        steps: its durable steps.
        ledger: where state and progress are noted.
        policy: how steps are tried again.
        created: when the transfer was accepted.
    """

    def __init__(self, task: Task, steps: Steps, ledger: Ledger, policy: RetryPolicy, created: datetime) -> None:
        self._task = task
        self._steps = steps
        self._ledger = ledger
        self._policy = policy
        self._created = created
        self._extraction = Extraction(task)
        self._indexing = Indexing(task)
        self._delivery = Delivery(task)

    def run(self) -> None:
        """All stages in their order. Raises TransferFailed."""
        try:
            self._stages()
        except TransferFailed:
            self._step("close", partial(_closing, self._close))
            raise

    def _stages(self) -> None:
        task = self._task
        with self._stage(Stage.PLAN):
            planned = Plan.of(self._step("plan", lambda: plan(task)))
        with self._stage(Stage.EXTRACT):
            rows_read = self._read(planned)
        with self._stage(Stage.RECONCILE):
            if planned.reconciles:
                self._index()
            reconciled = self._step("reconcile", lambda: reconcile(task, planned, rows_read))
        with self._stage(Stage.COMPARE):
            compared = self._step("compare", lambda: compare(task, planned, rows_read))
        changes = Changes(_count(compared, "joiners"), _count(compared, "leavers"), _count(compared, "members"))
        with self._stage(Stage.GUARD):
            withheld = self._guard(planned, changes)
        with self._stage(Stage.DELIVER):
            removals = self._removals_withheld(changes) if withheld else self._deliver(planned, changes)
        with self._stage(Stage.SETTLE):
            settled = self._step(
                "settle", lambda: settle(task, planned, rows_read, _count(reconciled, "claiming"), withheld)
            )
        with self._stage(Stage.RECEIPT):
            self._receipt(planned, rows_read, settled, removals, withheld)

    def _read(self, planned: Plan) -> int:
        """Extracts and normalises chunk by chunk, so that one is normalised while the next is being read."""
        before, number, last = 0, 0, False
        while not last:
            chunk = self._step(
                f"extract-{number:05d}", partial(self._extraction.chunk, number, before), self._extraction.close
            )
            last, rows = bool(chunk["last"]), _count(chunk, "rows")
            if rows:
                self._step(f"normalise-{number:05d}", partial(normalise_chunk, self._task, planned, number, before))
            before += rows
            number += 1
        self._step("extract-end", partial(_closing, self._extraction.close))
        return before

    def _index(self) -> None:
        number, last = 0, False
        while not last:
            chunk = self._step(
                f"index-{number:05d}",
                partial(self._indexing.chunk, number),
                self._indexing.close,
            )
            last = bool(chunk["last"])
            number += 1
        self._step("index-end", partial(_closing, self._indexing.close))

    def _guard(self, planned: Plan, changes: Changes) -> Reason | None:
        if not planned.removes:
            return None
        return held_back(changes, snapshot_members=planned.snapshot_members, limits=self._task.guard)

    def _removals_withheld(self, changes: Changes) -> RemovalCount:
        return RemovalCount(leavers=changes.leavers, withheld=changes.leavers)

    def _deliver(self, planned: Plan, changes: Changes) -> RemovalCount:
        if planned.creates:
            self._deliver_step("create-audience", self._delivery.create_audience)
        if planned.replaces:
            if changes.joiners or changes.leavers or planned.snapshot_version == 0:
                self._deliver_step("replace", lambda: self._delivery.replace(changes.members))
            removals = RemovalCount(leavers=changes.leavers, removed=changes.leavers)
        else:
            self._change("add", changes.joiners, self._delivery.add, 0, changes)
            removals = self._remove(planned, changes)
        self._step("deliver-end", partial(_closing, self._delivery.close))
        return removals

    def _remove(self, planned: Plan, changes: Changes) -> RemovalCount:
        if not planned.removes:
            return RemovalCount(leavers=changes.leavers, not_supported=changes.leavers)
        removed, refused = self._change("remove", changes.leavers, self._delivery.remove, changes.joiners, changes)
        return RemovalCount(leavers=changes.leavers, removed=removed, refused=refused)

    def _change(
        self, change: str, members: int, deliver: Callable[[int], Awaitable[StepResult]], before: int, changes: Changes
    ) -> tuple[int, int]:
        accepted = refused = 0
        size = self._task.sizes.deliver_rows
        for number in range(-(-members // size)):
            result = self._deliver_step(f"{change}-{number:05d}", partial(deliver, number))
            accepted += _count(result, "accepted")
            refused += _count(result, "refused")
            done = before + accepted + refused
            self._task.progress(Stage.DELIVER, done, changes.joiners + changes.leavers)
        return accepted, refused

    def _receipt(
        self, planned: Plan, rows_read: int, settled: StepResult, removals: RemovalCount, withheld: Reason | None
    ) -> None:
        outcomes = outcome_counts(cast("dict[str, int]", settled["reasons"]))

        async def write() -> StepResult:
            await asyncio.to_thread(
                write_receipt,
                self._task,
                planned,
                rows_read=rows_read,
                outcomes=outcomes,
                removals=removals,
                snapshot_members=_count(settled, "snapshot_members"),
                created=self._created,
            )
            state = TransferState.WITHHELD if withheld else TransferState.SUCCEEDED
            await asyncio.to_thread(self._ledger.end, self._task.id, state, outcomes)
            await asyncio.to_thread(self._task.workspace.forget_intermediates)
            return {}

        self._step("receipt", write)

    async def _close(self) -> None:
        await self._extraction.close()
        await self._indexing.close()
        await self._delivery.close()

    @contextlib.contextmanager
    def _stage(self, stage: Stage) -> Iterator[None]:
        self._ledger.begin_stage(self._task.id, stage)
        yield

    def _deliver_step(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        return self._step(name, step, self._delivery.close)

    def _step(
        self,
        name: str,
        step: Callable[[], Awaitable[StepResult]],
        clean_up: Callable[[], Awaitable[None]] | None = None,
    ) -> StepResult:
        """Runs a step durably; an error becomes part of its result, so that a resumed job sees the same."""

        async def guarded() -> StepResult:
            try:
                return await retrying(step, self._policy, clean_up or _nothing)
            except Exception as error:  # noqa: BLE001  # every error ends the transfer with a failure that says so
                if clean_up:
                    await clean_up()
                return {"failure": dict(asdict(failure(error)))}

        result = self._steps.run(name, guarded)
        if "failure" in result:
            raise TransferFailed(Failure(**cast("dict[str, str]", result["failure"])))
        return result


async def _nothing() -> None:
    return


async def _closing(close: Callable[[], Awaitable[None]]) -> StepResult:
    await close()
    return {}


def _count(result: StepResult, name: str) -> int:
    return cast("int", result[name])
