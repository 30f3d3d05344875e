"""One drop every 24 hours of virtual time (audience-manager 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from audience_gateway_sandbox.people.drops import Drop, write_drop

PERIOD = timedelta(days=1)
KEPT_DAYS = 8
"""Audience Manager keeps outbound files for so many days, so older drops are not made up for."""


@dataclass(slots=True)
class DailyDrops:
    """Makes each day's drop when it is due.

    Attributes:
        bucket: directory that drops appear in.
        destination_id: Audience Manager's id of the destination.
        data_source_id: Audience Manager's id of the data source.
        first: when the drop of day 0 is due.
        lines_of: makes the lines of a day.
        made: how many days are done with.
    """

    bucket: Path
    destination_id: int
    data_source_id: int
    first: datetime
    lines_of: Callable[[int], Sequence[bytes]] = field(repr=False)
    made: int = 0

    @property
    def next_due(self) -> datetime:
        """When the next drop is due."""
        return self.first + self.made * PERIOD

    def make_due(self, now: datetime) -> list[Path]:
        """Make the drops that are due and not made yet; each bears the time at which it was due."""
        due = (now - self.first) // PERIOD + 1
        written = [self._make(day) for day in range(max(self.made, due - KEPT_DAYS), due)]
        self.made = max(self.made, due)
        return written

    def _make(self, day: int) -> Path:
        drop = Drop(self.destination_id, self.data_source_id, self.first + day * PERIOD)
        return write_drop(self.bucket, drop, self.lines_of(day))
