"""How many profiles have a trait or are in a segment. Whoever keeps profiles tells it here."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

LIFETIME = 0


class Populations(Protocol):
    """Counts profiles; `days` are those before `at`, LIFETIME for all."""

    def trait_uniques(self, sid: int, days: int, at: datetime) -> int:
        """Count the profiles that came to a trait."""
        ...

    def trait_qualifications(self, sid: int, days: int, at: datetime) -> int:
        """Count how often profiles came to a trait."""
        ...

    def segment_uniques(self, sid: int, days: int, at: datetime, *, real_time: bool) -> int:
        """Count the profiles in a segment: those seen in real time, or all."""
        ...


class NoProfiles:
    """The populations of those who keep no profiles."""

    def trait_uniques(self, sid: int, days: int, at: datetime) -> int:  # noqa: ARG002 - a protocol
        """Count none."""
        return 0

    def trait_qualifications(self, sid: int, days: int, at: datetime) -> int:  # noqa: ARG002 - a protocol
        """Count none."""
        return 0

    def segment_uniques(self, sid: int, days: int, at: datetime, *, real_time: bool) -> int:  # noqa: ARG002 - a protocol
        """Count none."""
        return 0
