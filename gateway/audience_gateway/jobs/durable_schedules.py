"""Schedules on those of DBOS."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, cast

from dbos import DBOSClient, WorkflowSchedule

from audience_gateway.jobs import cron
from audience_gateway.jobs.engine import JobSchedule, StepResult
from audience_gateway.jobs.queues import OCCURRENCES
from audience_gateway.storage.lost_connections import retried

WORKFLOW = "occurrence"
"""DBOS name of what a schedule lets happen."""


_KEPT = timedelta(days=7)
_AT_A_TIME = 1000
_SELDOM = "0 0 29 2 *"


class Context(TypedDict):
    """What DBOS keeps with a schedule and gives to each occurrence.

    Attributes:
        schedule: its name.
        context: what the occurrence is told.
        last_fired: when it last happened before it was paused, in ISO 8601.
    """

    schedule: str
    context: StepResult
    last_fired: str | None


class DurableSchedules:
    """Keeps schedules in the job store; the processes that share it see to it that they happen.

    Args:
        client: the job store.
    """

    def __init__(self, client: DBOSClient) -> None:
        self._client = client

    async def put(self, schedule: JobSchedule) -> None:
        """Enters or replaces a schedule. Raises ValueError for an expression or a time zone that there is not."""
        cron.check(schedule.cron, schedule.time_zone)
        await asyncio.to_thread(retried(self._put), schedule)

    async def get(self, name: str) -> JobSchedule | None:
        """One schedule."""
        row = await asyncio.to_thread(retried(self._client.get_schedule), name)
        return _schedule(row) if row else None

    async def list(self) -> list[JobSchedule]:
        """All schedules, ordered by name."""
        rows = await asyncio.to_thread(retried(self._client.list_schedules), workflow_name=WORKFLOW)
        return sorted((_schedule(row) for row in rows), key=lambda schedule: schedule.name)

    async def delete(self, name: str) -> None:
        """Drops a schedule, if there is one."""
        await asyncio.to_thread(retried(self._client.delete_schedule), name)

    async def trigger(self, name: str) -> None:
        """Lets it happen now, also if it is paused. Raises KeyError if there is no such schedule."""
        if await self.get(name) is None:
            raise KeyError(name)
        await asyncio.to_thread(self._client.trigger_schedule, name)

    def forget(self) -> None:
        """Drops what is kept of occurrences that ended a while ago; as long as it is, none happens a second time."""
        before = (datetime.now(UTC) - _KEPT).isoformat()
        ended = self._client.list_workflows(
            name=WORKFLOW, completed_before=before, limit=_AT_A_TIME, load_input=False, load_output=False
        )
        if ended:
            self._client.delete_workflows([occurrence.workflow_id for occurrence in ended])

    def _put(self, schedule: JobSchedule) -> None:
        before = self._client.get_schedule(schedule.name)
        last_fired = _context(before)["last_fired"] if before else None
        if before and schedule.paused:
            self._client.pause_schedule(schedule.name)
        elif before and before["status"] != "ACTIVE":
            # DBOS makes up for what was due since a schedule last happened. What was due in a pause is not wanted.
            last_fired = before["last_fired_at"] or last_fired
            self._client.delete_schedule(schedule.name)
        if schedule.paused and not before:
            # DBOS enters what is new as active, and might let it happen before it is paused.
            self._apply(schedule, _SELDOM, last_fired)
            self._client.pause_schedule(schedule.name)
        self._apply(schedule, schedule.cron, last_fired)

    def _apply(self, schedule: JobSchedule, expression: str, last_fired: str | None) -> None:
        """Enters or replaces it; one that is there stays paused if it was."""
        self._client.apply_schedules(
            [
                {
                    "schedule_name": schedule.name,
                    "workflow_name": WORKFLOW,
                    "schedule": expression,
                    "context": Context(schedule=schedule.name, context=schedule.context, last_fired=last_fired),
                    "automatic_backfill": schedule.catch_up,
                    "cron_timezone": schedule.time_zone,
                    "queue_name": OCCURRENCES,
                }
            ]
        )


def _schedule(row: WorkflowSchedule) -> JobSchedule:
    context = _context(row)
    last_fired = row["last_fired_at"] or context["last_fired"]
    return JobSchedule(
        name=row["schedule_name"],
        cron=row["schedule"],
        time_zone=row["cron_timezone"] or "UTC",
        context=context["context"],
        catch_up=row["automatic_backfill"],
        paused=row["status"] != "ACTIVE",
        last_fired=datetime.fromisoformat(last_fired) if last_fired else None,
    )


def _context(row: WorkflowSchedule) -> Context:
    return cast("Context", cast("Any", row["context"]))
