"""Moments of the past as Campaign stores them."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

_FIRST_DAY = date(2025, 1, 1)
_DAYS = tuple((_FIRST_DAY + timedelta(days=day)).isoformat() for day in range(300))
_MILLISECONDS = 86_400_000

SPAN = len(_DAYS) * _MILLISECONDS
"""How many milliseconds the past has."""


def some_moment(random: Random) -> str:
    """Draw a moment of the past."""
    return moment(random.randrange(SPAN))


def moment(milliseconds: int) -> str:
    """Write the moment so many milliseconds after the beginning of the past, which is below SPAN."""
    day, rest = divmod(milliseconds, _MILLISECONDS)
    seconds, milliseconds = divmod(rest, 1000)
    return f"{_DAYS[day]} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}Z"
