"""Times as Campaign writes them in results and as its tables hold them (campaign 3.3)."""

from __future__ import annotations

from datetime import UTC, datetime


def time_text(moment: datetime) -> str:
    """Write a time: `2026-01-02 03:04:05.678Z`."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def date_text(moment: datetime) -> str:
    """Write a date: `2026-01-02`."""
    return f"{moment:%Y-%m-%d}"


def soap_time(moment: datetime) -> str:
    """Write a time as `xsd:dateTime`: `2026-01-02T03:04:05.678Z`."""
    return time_text(moment).replace(" ", "T")
