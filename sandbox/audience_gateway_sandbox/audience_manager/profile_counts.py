"""Counts profiles for the REST API: populations of traits and segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway_sandbox.audience_manager.membership.members import Members
from audience_gateway_sandbox.audience_manager.populations import LIFETIME
from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds


@dataclass(frozen=True, slots=True)
class ProfileCounts:
    """Counts profiles.

    Attributes:
        database: the tables, by a connection of its own.
        store: the organisation's objects; used by the thread that answers calls.
    """

    database: ProfileDatabase
    store: Store

    def trait_uniques(self, sid: int, days: int, at: datetime) -> int:
        """Count the profiles that came to a trait."""
        return self._trait("count(*)", sid, days, at)

    def trait_qualifications(self, sid: int, days: int, at: datetime) -> int:
        """Count how often profiles came to a trait."""
        return self._trait("coalesce(sum(count), 0)", sid, days, at)

    def segment_uniques(self, sid: int, days: int, at: datetime, *, real_time: bool) -> int:
        """Count the profiles in a segment: those seen in real time, or all. A segment that is not there has none."""
        segment = self.store.segments.get(sid)
        if segment is None:
            return 0
        with self.database.transaction() as db:
            members = Members(db, self.store, milliseconds(at)).of(segment)
            since = _since(days, at)
            if not real_time:
                return sum(realized >= since for realized in members.values())
            seen = db.execute("SELECT id FROM profile WHERE seen >= ?", (since,))
            return sum(profile in members for (profile,) in seen)

    def _trait(self, counted: str, sid: int, days: int, at: datetime) -> int:
        with self.database.transaction() as db:
            (number,) = db.execute(
                f"SELECT {counted} FROM qualification WHERE trait = ? AND last BETWEEN ? AND ?",  # noqa: S608 - ours
                (sid, _since(days, at), milliseconds(at)),
            ).fetchone()
        return int(number)


def _since(days: int, at: datetime) -> int:
    return 0 if days == LIFETIME else milliseconds(at - timedelta(days=days))
