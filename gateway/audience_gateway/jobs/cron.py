"""Cron expressions, read as the job engine reads them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

_FIELDS = (5, 6)


def next_times(cron: str, time_zone: str, after: datetime, count: int) -> list[datetime]:
    """The next times behind `after`, in UTC; fewer than `count` if there are no more.

    Where clocks are put forward, a time that they skip comes when they go on. Where they are put back, a time that
    they show twice comes twice.

    Args:
        cron: cron expression of five fields, or of six with seconds first.
        time_zone: IANA name of the time zone that the expression is in.
        after: a time with a time zone.
        count: how many.

    Raises:
        ValueError: for an expression or a time zone that there is not.
    """
    return list(itertools.islice(_times(_checked(cron), after.astimezone(_zone(time_zone))), count))


def check(cron: str, time_zone: str) -> None:
    """Raises ValueError for an expression or a time zone that there is not, and for a time that never comes."""
    if not next_times(cron, time_zone, datetime.now(UTC), 1):
        raise ValueError("the time of this cron expression never comes: there is no such day")


def _times(cron: str, after: datetime) -> Iterator[datetime]:
    times = croniter(cron, after, second_at_beginning=True)
    while True:
        try:
            yield times.get_next(datetime).astimezone(UTC)
        except CroniterError:  # no such day, as 30 February, or none within croniter's span of years
            return


def _checked(cron: str) -> str:
    if len(cron.split()) not in _FIELDS:
        raise ValueError("a cron expression has five fields, or six with seconds first")
    if not croniter.is_valid(cron, second_at_beginning=True):
        raise ValueError("this is no cron expression: write, for example, '0 4 * * 1-5'")
    return cron


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("there is no such time zone: write an IANA name, for example 'Europe/Berlin'") from None
