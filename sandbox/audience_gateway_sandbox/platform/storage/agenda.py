"""What is to be done at which moment of virtual time, in the database, so that it outlives the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audience_gateway_sandbox.platform.storage.database import Database
from audience_gateway_sandbox.platform.storage.moments import microseconds_of, moment_of


@dataclass(frozen=True, slots=True)
class Item:
    """Something to do.

    Attributes:
        space: the sandbox of the platform that it is in.
        kind: what.
        reference: with which object.
        moment: when.
    """

    space: str
    kind: str
    reference: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Agenda:
    """The items of all sandboxes of the platform; one of each kind, sandbox and reference."""

    database: Database

    def enter(self, item: Item) -> None:
        """Enter an item, instead of an earlier entry."""
        self.database.execute(
            "INSERT OR REPLACE INTO agenda (space, kind, reference, moment) VALUES (?, ?, ?, ?)",
            (item.space, item.kind, item.reference, microseconds_of(item.moment)),
        )

    def strike(self, space: str, kind: str, reference: str) -> None:
        """Leave out an item."""
        self.database.execute(
            "DELETE FROM agenda WHERE space = ? AND kind = ? AND reference = ?", (space, kind, reference)
        )

    def first(self) -> Item | None:
        """Tell what is to be done first; items of one moment in the order of their names."""
        row = self.database.execute(
            "SELECT space, kind, reference, moment FROM agenda ORDER BY moment, kind, space, reference LIMIT 1"
        ).fetchone()
        return None if row is None else Item(row[0], row[1], row[2], moment_of(row[3]))
