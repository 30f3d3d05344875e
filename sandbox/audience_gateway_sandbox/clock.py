"""The sandbox's clock: real time and an offset that only grows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _real_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Virtual time in UTC. It runs as real time does and can be advanced, so that a day's wait takes no day.

    Args:
        offset: how far ahead of real time it begins.
        real_time: where real time comes from.
    """

    def __init__(self, offset: timedelta = timedelta(), real_time: Callable[[], datetime] = _real_time) -> None:
        self._offset = offset
        self._real_time = real_time

    @property
    def offset(self) -> timedelta:
        """How far ahead of real time the clock is."""
        return self._offset

    def now(self) -> datetime:
        """Tell the time."""
        return self._real_time() + self._offset

    def advance(self, by: timedelta) -> datetime:
        """Move the clock and tell the new time. Raises ValueError for a step back."""
        if by < timedelta():
            raise ValueError("the clock does not go back")
        self._offset += by
        return self.now()
