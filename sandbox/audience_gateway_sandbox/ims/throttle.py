"""Limits calls by a bucket of permits that fills up again evenly."""

from __future__ import annotations

import math
from collections.abc import Hashable
from datetime import datetime

from audience_gateway_sandbox.clock import Clock

_MINUTE = 60.0


class Throttle:
    """So many calls a minute for each caller, in virtual time.

    Args:
        a_minute: how many; 0 for no limit.
        clock: tells the time.
    """

    def __init__(self, a_minute: int, clock: Clock) -> None:
        self._a_minute = a_minute
        self._clock = clock
        self._left: dict[Hashable, tuple[float, datetime]] = {}

    def wait(self, caller: Hashable) -> int:
        """Take a permit and answer 0, or answer in how many seconds there is one."""
        if not self._a_minute:
            return 0
        now = self._clock.now()
        left, since = self._left.get(caller, (float(self._a_minute), now))
        left = min(self._a_minute, left + (now - since).total_seconds() * self._a_minute / _MINUTE)
        granted = left >= 1
        self._left[caller] = (left - 1 if granted else left, now)
        return 0 if granted else math.ceil((1 - left) * _MINUTE / self._a_minute)
