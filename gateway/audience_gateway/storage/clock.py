"""The time, as the database keeps it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The time in UTC, without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def utc(kept: datetime) -> datetime:
    """A time as the database keeps it, with its time zone."""
    return kept.replace(tzinfo=UTC)
