"""What can go wrong with a drop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from audience_gateway_sandbox.fault_switches import FaultSwitches
from audience_gateway_sandbox.people.drops import DropFile

_LONGEST_DELAY = 30 * 86400


@dataclass(slots=True)
class DropFaults(FaultSwitches):
    """Switches of the next drops.

    Attributes:
        missing_part: the part of this number never appears; -1 for none. The first part is number 0.
        late_part: the part of this number appears late; -1 for none.
        late_seconds: how late, in virtual time.
        wrong_counts: the control file tells one line too many for each part.
        doubled_part: the part of this number appears a second time, under the number after the last one, which the
            control file does not list; -1 for none.
        slip_seconds: all parts appear so late, as the day's transfer does when it slips; the control file does not.
    """

    missing_part: int = -1
    late_part: int = -1
    late_seconds: int = 5400
    wrong_counts: bool = False
    doubled_part: int = -1
    slip_seconds: int = 0

    def listed(self, files: list[DropFile]) -> list[DropFile]:
        """Tell what the control file lists."""
        return [replace(file, lines=file.lines + 1) for file in files] if self.wrong_counts else files

    def delay_of(self, part: int) -> timedelta | None:
        """Tell how late a part appears; None if it never does."""
        if part == self.missing_part:
            return None
        return timedelta(seconds=self.slip_seconds + (self.late_seconds if part == self.late_part else 0))

    def appearing(self, files: Sequence[DropFile], next_name: str) -> list[tuple[timedelta, DropFile]]:
        """Tell which files appear, and how late each; `next_name` is that of a part after the last one."""
        delays = [(self.delay_of(part), file) for part, file in enumerate(files)]
        found = [(delay, file) for delay, file in delays if delay is not None]
        if 0 <= self.doubled_part < len(files):
            found.append((timedelta(seconds=self.slip_seconds), replace(files[self.doubled_part], name=next_name)))
        return found


def read_drop_faults(values: Mapping[str, Any]) -> DropFaults:
    """Read switches as the admin address gets them; those not named are off. Raises ValueError with what is wrong."""
    known = DropFaults().tell()
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"`drops` has no `{name}`; it has {', '.join(known)}.")
        number = isinstance(value, int) and not isinstance(value, bool)
        good = isinstance(value, bool) if name == "wrong_counts" else number and -1 <= value <= _LONGEST_DELAY
        if not good:
            raise ValueError(f"`{name}` of `drops` makes no sense.")
    return DropFaults(**values)
