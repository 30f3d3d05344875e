"""When a schedule runs."""

from __future__ import annotations

from datetime import UTC, datetime

from audience_gateway.jobs import cron
from audience_gateway.schedules.model import Definition, Schedule
from audience_gateway.schedules.service import UnusableField

_SHOWN = 5


def check(definition: Definition) -> None:
    """Raises UnusableField for an expression that never comes, or is none, and for an unknown time zone."""
    after = datetime.now(UTC)
    try:
        times = cron.next_times(definition.cron, "UTC", after, 1)
    except ValueError as error:
        raise UnusableField("cron", str(error)) from None
    if not times:
        raise UnusableField("cron", "there is no such time: write, for example, '0 4 * * 1-5'")
    try:
        cron.next_times(definition.cron, definition.time_zone, after, 1)
    except ValueError as error:
        raise UnusableField("time_zone", str(error)) from None


def next_runs(schedule: Schedule, after: datetime) -> tuple[datetime, ...]:
    """When the next runs are due, in UTC; none while the schedule is paused."""
    if schedule.paused:
        return ()
    return tuple(cron.next_times(schedule.definition.cron, schedule.definition.time_zone, after, _SHOWN))


def superseded(definition: Definition, due: datetime, now: datetime) -> bool:
    """Whether a run comes so late that the next one was due meanwhile."""
    return any(time <= now for time in cron.next_times(definition.cron, definition.time_zone, due, 1))
