"""Transfers that are accepted and never begin, and steps that a process dies in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from audience_gateway.jobs.bridge import LoopBridge
from audience_gateway.jobs.engine import JobSchedule, JobSchedules, StepResult, Stopped, Submission
from audience_gateway.jobs.in_memory_schedules import InMemorySchedules
from audience_gateway.schedules.model import Definition
from audience_gateway.transfers.engine import Transfers
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import AudienceRef, Failure, GuardLimits, ShareRequest, Transfer
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.signing import SigningKey
from audience_gateway.transfers.snapshot_ledger import SnapshotLedger
from audience_gateway.transfers.snapshots import Snapshots
from audience_gateway.transfers.turns import AtOnce
from audience_gateway.transfers.worker import Worker
from systems import NoStreams, Systems


def definition(**changes: Any) -> Definition:
    """Every minute from `source/all` to `target/list`."""
    share = ShareRequest(
        source=AudienceRef("source", "all"), destination=AudienceRef("target", "list"), data_source="plain"
    )
    return Definition(**{"share": share, "cron": "* * * * *", **changes})


def yearly(**changes: Any) -> Definition:
    """The same at the turn of the year, so that no run is due while a test runs."""
    return definition(**{"cron": "0 0 1 1 *", **changes})


class Idle:
    """A job engine that runs nothing."""

    def __init__(self) -> None:
        self.submitted: list[Submission] = []

    @property
    def schedules(self) -> JobSchedules:
        return InMemorySchedules(None, Dying)

    async def launch(self) -> None:
        return

    async def submit(self, submission: Submission) -> None:
        self.submitted.append(submission)

    async def halt(self, job_id: str) -> None:
        return

    async def resume(self, job_id: str) -> None:
        return

    async def forget(self, job_ids: Sequence[str]) -> None:
        return

    async def stop(self) -> None:
        return


class Waiting:
    """Transfers of an idle engine: each stays as it was accepted until the test ends it."""

    def __init__(self, database: sa.Engine, state: Path) -> None:
        self.ledger = Ledger(database)
        self.systems = Systems({})
        worker = Worker(
            ledger=self.ledger,
            snapshots=Snapshots(state / "snapshots", SnapshotLedger(database)),
            connections=self.systems,
            streams=NoStreams(),
            turns=AtOnce(),
            options=TransferOptions(state=state),
            receipt_key=SigningKey.new(),
            observe=self.systems.observe,
        )
        self.service = Transfers(worker, lambda _: Idle())

    def stricter(self) -> TransferOptions:
        """Options with another guard, as after a change of settings."""
        return TransferOptions(state=Path(), guard=GuardLimits(removed_rows=1))

    def all(self) -> list[Transfer]:
        """The transfers, the oldest first."""
        return self.ledger.transfers(after="", limit=100)[::-1]

    def end(self, transfer: Transfer) -> None:
        """Ends a transfer."""
        self.ledger.fail(transfer.id, Failure("PERMANENT", "no"))


class Dying:
    """The steps of an occurrence, and whether its process dies before or after the step of a name."""

    def __init__(self, *, before: str = "", after: str = "") -> None:
        self.before = before
        self.after = after
        self.results: dict[str, StepResult] = {}
        self._bridge = LoopBridge(asyncio.get_running_loop())

    def run(self, name: str, step: Callable[[], Awaitable[StepResult]]) -> StepResult:
        """Runs a step unless its result is kept; dying after it, it is not kept."""
        if name == self.before:
            raise Stopped
        if name not in self.results:
            result = self._bridge.call(step)
            if name == self.after:
                raise Stopped
            self.results[name] = result
        return self.results[name]

    def still_ours(self) -> None:
        return

    def revived(self) -> Dying:
        """The steps in the next process, with what was kept."""
        again = Dying()
        again.results = self.results
        return again


class Dead(Exception):
    """The process died there."""


class DyingSchedules(InMemorySchedules):
    """Schedules of an engine that is not reached while `dead`."""

    def __init__(self) -> None:
        super().__init__(None, Dying)
        self.dead = False

    async def put(self, schedule: JobSchedule) -> None:
        self._live()
        await super().put(schedule)

    async def delete(self, name: str) -> None:
        self._live()
        await super().delete(name)

    def _live(self) -> None:
        if self.dead:
            raise Dead


@asynccontextmanager
async def running(schedules: InMemorySchedules):
    """Schedules that are stopped at the end."""
    try:
        yield schedules
    finally:
        await schedules.stop()
