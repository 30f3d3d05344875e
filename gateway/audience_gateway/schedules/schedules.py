"""Schedules on those of the job engine: the implementation of `schedules.service`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from audience_gateway.identity.connections import Connections
from audience_gateway.jobs.engine import JobSchedules
from audience_gateway.schedules import times
from audience_gateway.schedules.alignment import Alignment
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.model import Definition, Overview, Run, RunResult, Schedule, run_request_id
from audience_gateway.schedules.service import ScheduleChanged, ScheduleNotFound
from audience_gateway.sdk import ConfigError
from audience_gateway.transfers.model import transfer_id_of
from audience_gateway.transfers.service import RequestIdReused, TransferService
from audience_gateway.transfers.several_sources import check_alike

_SHOWN_RUNS = 10


class Schedules:
    """Creates, changes and runs schedules.

    Args:
        ledger: where they are kept.
        engine: the schedules of the job engine, which is launched.
        transfers: starts transfers.
        connections: what is configured.
    """

    def __init__(
        self, ledger: ScheduleLedger, engine: JobSchedules, transfers: TransferService, connections: Connections
    ) -> None:
        self._ledger = ledger
        self._alignment = Alignment(ledger, engine)
        self._transfers = transfers
        self._connections = connections

    async def launch(self) -> None:
        """Makes up for changes that a process left half made."""
        await self._alignment.align_all()

    async def create(self, name: str, definition: Definition, *, request_id: str = "") -> Overview:
        """Creates a schedule. Raises ScheduleExists, UnusableField, ConfigError for names that are not configured."""
        self._check(definition)
        await asyncio.to_thread(self._ledger.create, name, definition, request_id or str(uuid.uuid4()))
        return await self.get(name)

    async def get(self, name: str) -> Overview:
        """One schedule. Raises ScheduleNotFound."""
        schedule = await self._alignment.align(name)
        if schedule is None:
            raise ScheduleNotFound(name)
        (overview,) = await self._overviews([schedule])
        return overview

    async def list(self, *, after: str = "", limit: int) -> list[Overview]:
        """Schedules, ordered by name, behind the one of the name `after`."""
        schedules = await asyncio.to_thread(self._ledger.schedules, after=after, limit=limit)
        return list(await self._overviews(schedules))

    async def update(
        self, name: str, change: Callable[[Definition], Definition], *, etag: str = "", request_id: str = ""
    ) -> Overview:
        """Changes what a schedule does. Raises ScheduleNotFound, ScheduleChanged, UnusableField, ConfigError."""

        def changed(schedule: Schedule) -> tuple[Definition, bool]:
            if etag and schedule.etag != etag:
                raise ScheduleChanged(name)
            definition = change(schedule.definition)
            self._check(definition)
            return definition, schedule.paused

        return await self._change(name, changed, request_id)

    async def delete(self, name: str) -> None:
        """Deletes a schedule and what is noted of its runs; transfers go on. Raises ScheduleNotFound."""
        there = await asyncio.to_thread(self._ledger.delete, name)
        await self._alignment.align(name)
        if not there:
            raise ScheduleNotFound(name)

    async def pause(self, name: str) -> Overview:
        """Lets no further run begin. Raises ScheduleNotFound."""
        return await self._change(name, lambda schedule: (schedule.definition, True))

    async def resume(self, name: str) -> Overview:
        """Lets runs begin again, those that are due from now on. Raises ScheduleNotFound."""
        return await self._change(name, lambda schedule: (schedule.definition, False))

    async def run(self, name: str, *, request_id: str = "") -> Run:
        """Starts a run now. Raises ScheduleNotFound, and what starting a transfer raises."""
        definition = (await self._known(name)).definition
        own = run_request_id(name, request_id or str(uuid.uuid4()))
        try:
            transfer = await self._transfers.start(definition.request(name, own, datetime.now(UTC)))
        except RequestIdReused:  # an earlier attempt started it, with another deadline
            transfer = await self._transfers.get(transfer_id_of(own))
        run = Run(transfer.created, RunResult.STARTED, transfer.id)
        await asyncio.to_thread(self._ledger.note, name, run)
        return run

    async def _change(
        self, name: str, change: Callable[[Schedule], tuple[Definition, bool]], request_id: str = ""
    ) -> Overview:
        own = request_id or str(uuid.uuid4())
        done = False
        while not done:
            schedule = await self._known(name)
            if schedule.request_id == own:
                break
            definition, paused = change(schedule)
            if (definition, paused) == (schedule.definition, schedule.paused):
                break
            done = await asyncio.to_thread(self._ledger.change, schedule, definition, own, paused=paused)
        return await self.get(name)

    async def _known(self, name: str) -> Schedule:
        schedule = await asyncio.to_thread(self._ledger.schedule, name)
        if schedule is None:
            raise ScheduleNotFound(name)
        return schedule

    async def _overviews(self, schedules: Sequence[Schedule]) -> Sequence[Overview]:
        now = datetime.now(UTC)
        runs = await asyncio.to_thread(self._ledger.last_runs, [one.name for one in schedules], _SHOWN_RUNS)
        return [Overview(one, times.next_runs(one, now), runs.get(one.name, ())) for one in schedules]

    def _check(self, definition: Definition) -> None:
        times.check(definition)
        share = definition.share
        sources = [self._connections.data_source(name) for name in share.data_sources]
        for source in sources:
            self._connections.reconciler(source.id_type)
        check_alike(share, sources)
        if share.source == share.destination:
            raise ConfigError("source and destination are the same audience", place=str(share.source))
