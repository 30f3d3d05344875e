"""Schedules of one process, gone with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from audience_gateway.jobs import cron
from audience_gateway.jobs.engine import JobSchedule, Occurrence, Steps, Stopped


class InMemorySchedules:
    """Keeps schedules in a dictionary, each with a task that waits for the next time.

    Args:
        occurrence: what happens.
        steps: makes the steps of one occurrence.
    """

    def __init__(self, occurrence: Occurrence | None, steps: Callable[[], Steps]) -> None:
        self._occurrence = occurrence
        self._steps = steps
        self._schedules: dict[str, JobSchedule] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._happening: set[asyncio.Task[None]] = set()

    def launch(self) -> None:
        """Starts on the running loop."""
        for name in self._schedules:
            self._wait(name)

    async def stop(self) -> None:
        """Waits for no further time; occurrences under way are given up by their steps."""
        for task in self._waiting.values():
            task.cancel()
        self._waiting.clear()

    async def put(self, schedule: JobSchedule) -> None:
        """Enters or replaces a schedule. Raises ValueError for an expression or a time zone that there is not."""
        cron.check(schedule.cron, schedule.time_zone)
        before = self._schedules.get(schedule.name)
        self._schedules[schedule.name] = replace(schedule, last_fired=before.last_fired if before else None)
        self._wait(schedule.name)

    async def get(self, name: str) -> JobSchedule | None:
        """One schedule."""
        return self._schedules.get(name)

    async def list(self) -> list[JobSchedule]:
        """All schedules, ordered by name."""
        return sorted(self._schedules.values(), key=lambda schedule: schedule.name)

    async def delete(self, name: str) -> None:
        """Drops a schedule, if there is one."""
        if self._schedules.pop(name, None):
            self._waiting.pop(name).cancel()

    async def trigger(self, name: str) -> None:
        """Lets it happen now, also if it is paused. Raises KeyError if there is no such schedule."""
        self._happen(self._schedules[name], datetime.now(UTC))

    def _wait(self, name: str) -> None:
        if name in self._waiting:
            self._waiting[name].cancel()
        self._waiting[name] = asyncio.get_running_loop().create_task(self._at_each_time(name))

    async def _at_each_time(self, name: str) -> None:
        schedule = self._schedules[name]
        after = datetime.now(UTC)
        while times := cron.next_times(schedule.cron, schedule.time_zone, after, 1):
            (after,) = times
            await asyncio.sleep((after - datetime.now(UTC)).total_seconds())
            if not schedule.paused:
                self._happen(schedule, after)
                self._schedules[name] = replace(self._schedules[name], last_fired=after)

    def _happen(self, schedule: JobSchedule, due: datetime) -> None:
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(self._run, schedule, due))
        self._happening.add(task)
        task.add_done_callback(self._happening.discard)

    def _run(self, schedule: JobSchedule, due: datetime) -> None:
        if self._occurrence is None:
            return
        try:
            self._occurrence(schedule.name, due, schedule.context, self._steps())
        except (Stopped, Exception):  # noqa: BLE001  # as in the job store, where it has failed
            return
