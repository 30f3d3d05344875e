"""The emulated Experience Platform of one instance: its database, its agenda, and what its services share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TypeVar

from audience_gateway_sandbox.assumptions import PlatformAssumptions
from audience_gateway_sandbox.clock import Clock
from audience_gateway_sandbox.people import Bucket, LocalBucket
from audience_gateway_sandbox.platform.destinations import activation, adhoc, pushing, sharing
from audience_gateway_sandbox.platform.external_audiences import runs as external_runs
from audience_gateway_sandbox.platform.faults import PlatformFaults
from audience_gateway_sandbox.platform.jobs import exports, running, schedules, segment_jobs
from audience_gateway_sandbox.platform.seeding.filling import DAY, enter_day, fill, move_on
from audience_gateway_sandbox.platform.storage import PRODUCTION, Agenda, Database, Item, Space
from audience_gateway_sandbox.seeding import Population

PLATFORM_FILES = "platformFiles"
"""Name of the bucket that destinations write to and external audiences are read from."""
_DATABASE = "platform.sqlite"
_DATASETS = "platformDatasets"
_LOG = logging.getLogger(__name__)
_NEVER = datetime.max.replace(tzinfo=UTC)
_Result = TypeVar("_Result")
Task = Callable[[Space, str], None]
"""Does an item of the agenda, at its time, with the object of its reference."""


class Platform:
    """The platform. It is filled at its first use, so that those who do not need it do not wait for it.

    Args:
        directory: where its database is.
        clock: the virtual time.
        began: when the instance began.
        population: whose recipients the sample profiles are.
        assumptions: what is assumed where the documents leave something open.
        files: where destinations write their files and external audiences read theirs.
        audience_manager: what audiences are shared with.

    Attributes:
        worker: the thread that calls are answered in, one after the other, so that those who wait hold up no other
            system.
    """

    def __init__(  # noqa: PLR0917 - made in one place
        self,
        directory: Path,
        clock: Clock,
        began: datetime,
        population: Population,
        assumptions: PlatformAssumptions,
        files: Bucket,
        audience_manager: sharing.AudienceManagerSide,
    ) -> None:
        self._file = directory / _DATABASE
        self._clock = clock
        self._began = began
        self._turn = RLock()
        self._closed = False
        self.faults = PlatformFaults()
        self.worker = ThreadPoolExecutor(1, "platform")
        self.population = population
        self.assumptions = assumptions
        self.files = files
        self._datasets = LocalBucket(directory / _DATASETS)
        self._tasks: Mapping[str, Task] = {
            DAY: lambda space, _: move_on(space, population, began),
            segment_jobs.EVALUATION: segment_jobs.evaluate_everywhere,
            segment_jobs.KIND: segment_jobs.advance,
            schedules.KIND: schedules.run_schedule,
            exports.KIND: exports.advance,
            activation.EXPORT: activation.run_export,
            sharing.SHARE: partial(sharing.share, audience_manager),
            adhoc.ADHOC: adhoc.finish_adhoc,
            external_runs.CREATE: external_runs.create,
            external_runs.INGEST: external_runs.finish_run,
            external_runs.EXPIRY: external_runs.expire,
        }
        self._failures: Mapping[str, Task] = {
            DAY: enter_day,
            segment_jobs.EVALUATION: segment_jobs.enter_evaluation,
            segment_jobs.KIND: partial(_fail_job, segment_jobs.KIND),
            schedules.KIND: schedules.enter_next,
            exports.KIND: partial(_fail_job, exports.KIND),
            activation.EXPORT: activation.enter_next,
            adhoc.ADHOC: adhoc.fail_adhoc,
            external_runs.CREATE: external_runs.fail_creation,
            external_runs.INGEST: external_runs.fail_run,
        }
        self._database = Database(self._file) if self._file.exists() else None

    @property
    def next_due(self) -> datetime:
        """When something is to be done or pushed next."""
        with self._turn:
            if self._database is None or self._closed:
                return _NEVER
            first, push = Agenda(self._database).first(), pushing.first_due(self._database)
            return min(_NEVER if first is None else first.moment, _NEVER if push is None else push)

    def run_due(self, now: datetime) -> None:
        """Do what is due, in the order of time."""
        with self._turn:
            if self._database is None or self._closed:
                return
            agenda = Agenda(self._database)
            while (item := agenda.first()) is not None and item.moment <= now:
                self._do(self._database, item)

    def _do(self, database: Database, item: Item) -> None:
        """Do an item; one that fails is logged and given up, so that the others go on, and it too at its next time."""
        agenda, space = Agenda(database), self._space(database, item.space, item.moment)
        try:
            with database.transaction():
                agenda.strike(item.space, item.kind, item.reference)
                self._tasks[item.kind](space, item.reference)
        except Exception:  # noqa: BLE001  # whatever it was, the others must not wait for it
            _LOG.exception("What was due failed: %s.", item.kind)
            with database.transaction():
                agenda.strike(item.space, item.kind, item.reference)
                if item.kind in self._failures:
                    self._failures[item.kind](space, item.reference)

    def push_due(self, now: datetime) -> None:
        """Push to streaming destinations what waits, some of it; nobody has to wait meanwhile."""
        with self._turn:
            database = None if self._closed else self._database
            if database is None:
                return
            with database.transaction():
                spaces = [self._space(database, name, now) for name in pushing.spaces_waiting(database, now)]
                waiting = [(space, pushing.waiting(space)) for space in spaces]
        for space, pushes in waiting:
            taken = asyncio.run(pushing.send(pushes, self.assumptions.push_seconds))
            with self._turn:
                if self._closed:
                    return
                with database.transaction():
                    pushing.settle(replace(space, now=max(now, self._clock.now())), pushes, taken)

    def work(self, name: str, do: Callable[[Space], _Result]) -> _Result:
        """Work on one of the platform's sandboxes, after what is due, in one transaction."""
        with self._turn:
            database, now = self._opened(), self._clock.now()
            self.run_due(now)
            with database.transaction():
                return do(self._space(database, name, now))

    def close(self) -> None:
        """Close the database, once nobody works on it."""
        self.worker.shutdown()
        with self._turn:
            self._closed = True
            if self._database is not None:
                self._database.close()

    @property
    def day(self) -> int:
        """How many days have passed since the instance began."""
        return (self._clock.now() - self._began) // timedelta(days=1)

    def _space(self, database: Database, name: str, now: datetime) -> Space:
        return Space(name, database, now, self.assumptions, self.files, self._datasets, self.faults)

    def _opened(self) -> Database:
        if self._database is None:
            self._database = self._filled()
        return self._database

    def _filled(self) -> Database:
        """Make the database, which is there under its name only once it holds all its data."""
        unfinished = self._file.with_name(f".{self._file.name}.part")
        for left in self._file.parent.glob(f"{unfinished.name}*"):
            left.unlink()
        # It begins a day ago, so that today tells who has come and gone since.
        database, day = Database(unfinished), max(self.day - 1, 0)
        moment = self._began + day * timedelta(days=1)
        with database.transaction():
            fill(self._space(database, PRODUCTION, moment), self.population, day)
            for item in self._first_items(moment):
                Agenda(database).enter(item)
        database.close()
        unfinished.replace(self._file)
        return Database(self._file)

    def _first_items(self, moment: datetime) -> tuple[Item, Item]:
        period = timedelta(hours=self.assumptions.evaluation_hours)
        evaluation = self._began + ((moment - self._began) // period + 1) * period
        return (
            Item(PRODUCTION, DAY, "", moment + timedelta(days=1)),
            Item(PRODUCTION, segment_jobs.EVALUATION, "", evaluation),
        )


def _fail_job(kind: str, space: Space, id_: str) -> None:
    running.fail(space, kind, id_)
