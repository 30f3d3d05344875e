"""One drop every 24 hours of virtual time (audience-manager 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from audience_gateway_sandbox.people.buckets import Bucket
from audience_gateway_sandbox.people.drop_faults import DropFaults
from audience_gateway_sandbox.people.drops import Drop, DropFile, control_file, drop_files

PERIOD = timedelta(days=1)
KEPT_DAYS = 8
"""Audience Manager keeps outbound files for so many days, so older drops are not made up for."""


@dataclass(slots=True)
class DailyDrops:
    """Makes each day's drop when it is due.

    Attributes:
        bucket: what drops appear in.
        destination_id: Audience Manager's id of the destination.
        data_source_id: Audience Manager's id of the data source.
        first: when the drop of day 0 is due.
        lines_of: makes the lines of a day.
        made: how many days are done with.
        parts: how many files a drop is split into.
        period: time between two drops.
        faults: what goes wrong.
    """

    bucket: Bucket
    destination_id: int
    data_source_id: int
    first: datetime
    lines_of: Callable[[int], Sequence[bytes]] = field(repr=False)
    made: int = 0
    parts: int = 1
    period: timedelta = PERIOD
    faults: DropFaults = field(default_factory=DropFaults)
    _late: list[tuple[datetime, DropFile]] = field(default_factory=list, init=False, repr=False)

    @property
    def next_due(self) -> datetime:
        """When the next drop, or the next part that is late, is due."""
        return min([self.first + self.made * self.period, *(due for due, _ in self._late)])

    def make_due(self, now: datetime) -> list[str]:
        """Make what is due and not made yet, and name the data files; a drop bears the time at which it was due."""
        self.leave_out_before(now)
        appeared = [name for day in range(self.made, self._due(now)) for name in self._make(day)]
        self.made = max(self.made, self._due(now))
        return appeared + self._make_late(now)

    def leave_out_before(self, now: datetime) -> None:
        """Leave out the drops that would not be kept any more at a time."""
        self.made = max(self.made, self._due(now) - KEPT_DAYS)

    def _due(self, now: datetime) -> int:
        return (now - self.first) // self.period + 1

    def _make(self, day: int) -> list[str]:
        drop = Drop(self.destination_id, self.data_source_id, self.first + day * self.period)
        files = drop_files(drop, self.lines_of(day), self.parts)
        appeared = []
        for delay, file in self.faults.appearing(files, drop.part_name(len(files))):
            if delay:
                self._late.append((drop.made + delay, file))
            else:
                self.bucket.put(file.name, file.content)
                appeared.append(file.name)
        control = control_file(drop, self.faults.listed(files))
        self.bucket.put(control.name, control.content)
        return appeared

    def _make_late(self, now: datetime) -> list[str]:
        due = [file for moment, file in self._late if moment <= now]
        self._late = [(moment, file) for moment, file in self._late if moment > now]
        for file in due:
            self.bucket.put(file.name, file.content)
        return [file.name for file in due]
