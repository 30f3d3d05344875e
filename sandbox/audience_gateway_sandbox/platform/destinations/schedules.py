"""When exports of an audience are due (rtcdp 6.7); all times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from audience_gateway_sandbox.platform.wire import Refusal

_PERIODS = {
    "DAILY": timedelta(days=1),
    "EVERY_3_HOURS": timedelta(hours=3),
    "EVERY_6_HOURS": timedelta(hours=6),
    "EVERY_8_HOURS": timedelta(hours=8),
    "EVERY_12_HOURS": timedelta(hours=12),
}
_ONCE = "ONCE"
AFTER_EVALUATION = "AFTER_SEGMENT_EVAL"


def next_export(schedule: Mapping[str, Any], earliest: datetime) -> datetime | None:
    """Tell when the next export is due, not before a moment; None if there is none by time.

    Raises Refusal for a schedule that cannot be read.
    """
    frequency = str(schedule.get("frequency", "DAILY")).upper()
    if frequency not in _PERIODS and frequency != _ONCE:
        raise Refusal(400, f"The frequency must be {_ONCE} or one of {', '.join(_PERIODS)}.")
    if follows_evaluation(schedule):
        return None
    start = _moment(schedule.get("startDate"), schedule.get("startTime", "00:00")) or earliest
    period = _PERIODS.get(frequency)
    due = max(start, earliest) if period is None else start + max(-((start - earliest) // period), 0) * period
    end = _moment(schedule.get("endDate"), "00:00")
    return None if end is not None and due >= end else due


def is_once(schedule: Mapping[str, Any]) -> bool:
    """Tell whether there is one export only."""
    return str(schedule.get("frequency", "")).upper() == _ONCE


def follows_evaluation(schedule: Mapping[str, Any]) -> bool:
    """Tell whether exports are due after evaluations, not by the clock."""
    return str(schedule.get("triggerType", "")).upper() == AFTER_EVALUATION


def is_open(schedule: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a moment is in the range of a schedule; the day of its end is out."""
    start = _moment(schedule.get("startDate"), "00:00")
    end = _moment(schedule.get("endDate"), "00:00")
    return (start is None or start <= now) and (end is None or now < end)


def _moment(date: object, time: object) -> datetime | None:
    """Read a date, as text or in seconds since the epoch, and a time of the day."""
    if date is None:
        return None
    try:
        if isinstance(date, int):
            return datetime.fromtimestamp(date, UTC)
        return datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise Refusal(400, "A schedule has startDate 2026-11-27, startTime 23:00 and perhaps endDate.") from None
