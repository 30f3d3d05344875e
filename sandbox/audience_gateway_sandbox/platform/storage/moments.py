"""Moments as the platform's database and its XDM have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)


def microseconds_of(moment: datetime) -> int:
    """Tell a moment in microseconds since the epoch."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(microseconds: int) -> datetime:
    """Tell the moment of so many microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=microseconds)


def written(microseconds: int) -> str:
    """Write a moment as XDM does: seconds, in UTC."""
    return f"{moment_of(microseconds):%Y-%m-%dT%H:%M:%SZ}"
