"""How often an erasure is tried in one place, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_YOUNG = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePace:
    """The pace.

    Attributes:
        first: from a first attempt that failed to the second; doubled before each further one.
        longest: from one attempt to the next at most.
        give_up: how long it is tried.
        look: from one look at an attempt under way to the next.
    """

    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=6)
    give_up: timedelta = timedelta(days=30)
    look: timedelta = timedelta(seconds=1)

    def after(self, attempts: int) -> timedelta:
        """How long to wait after so many failed attempts."""
        return min(self.first * (1 << min(attempts - 1, 20)), self.longest)

    def look_again(self, began: datetime, now: datetime) -> datetime:
        """When to look again after what may take seconds or days."""
        return now + (self.look if now - began < _YOUNG else max(self.look, _YOUNG))
