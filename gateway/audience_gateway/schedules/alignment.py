"""Keeps the job engine's schedules as the ledger has them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from audience_gateway.jobs.engine import JobSchedule, JobSchedules
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.model import CatchUp, Schedule


class Alignment:
    """Enters what the ledger has into the job engine.

    The ledger is the truth: it changes first, in one transaction, and then the engine is aligned with it. Whoever dies
    in between leaves an engine that differs; it is aligned at the next launch of any process, and whenever the schedule
    is read. Until then an occurrence asks the ledger: that of a deleted or paused schedule comes to nothing. Of two
    that align the same schedule at the same time the one that comes last looks again, so that the newest one stays.

    Args:
        ledger: the schedules.
        engine: the job engine's schedules.
    """

    def __init__(self, ledger: ScheduleLedger, engine: JobSchedules) -> None:
        self._ledger = ledger
        self._engine = engine

    async def align(self, name: str) -> Schedule | None:
        """Aligns one schedule, and answers it; None if there is none."""
        while True:
            schedule = await asyncio.to_thread(self._ledger.schedule, name)
            if not await self._differs(name, schedule):
                return schedule
            if schedule is None:
                await self._engine.delete(name)
            else:
                await self._engine.put(_job_schedule(schedule))

    async def align_all(self) -> None:
        """Aligns all, also those that the ledger does not have."""
        kept = {schedule.name for schedule in await asyncio.to_thread(self._ledger.schedules)}
        for name in sorted(kept | {schedule.name for schedule in await self._engine.list()}):
            await self.align(name)

    async def _differs(self, name: str, schedule: Schedule | None) -> bool:
        there = await self._engine.get(name)
        wanted = _job_schedule(schedule) if schedule else None
        return (replace(there, last_fired=None) if there else None) != wanted


def _job_schedule(schedule: Schedule) -> JobSchedule:
    return JobSchedule(
        name=schedule.name,
        cron=schedule.definition.cron,
        time_zone=schedule.definition.time_zone,
        context={},
        catch_up=schedule.definition.catch_up is CatchUp.LATEST,
        paused=schedule.paused,
    )
