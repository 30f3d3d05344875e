"""Files on their way into the buckets of destinations: when each appears, and when it is removed."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.store import milliseconds, moment_of
from audience_gateway_sandbox.people import Bucket, DropFaults
from audience_gateway_sandbox.people.drops import DropFile, control_content, data_file

_LOG = logging.getLogger(__name__)
_RETRY = timedelta(hours=1)
KEPT = timedelta(days=8)
"""How long outbound files stay in their bucket (audience-manager 4)."""

_WAITING = "SELECT bucket, name, content FROM outbound_file WHERE content IS NOT NULL AND due <= ? ORDER BY due, name"


@dataclass(frozen=True, slots=True)
class Shipment:
    """One transfer.

    Attributes:
        bucket: name of the bucket that it appears in.
        root: what the names of all its files begin with.
        name_of: names a part by its number.
        parts: the lines of each part.
    """

    bucket: str
    root: str
    name_of: Callable[[int], str]
    parts: Sequence[Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Shipping:
    """Lets files appear.

    Attributes:
        database: the tables.
        buckets: where files appear, by name.
        faults: what goes wrong with them.
    """

    database: ProfileDatabase
    buckets: Mapping[str, Bucket]
    faults: DropFaults

    def send(self, db: sqlite3.Connection, shipment: Shipment, now: datetime) -> None:
        """Send a transfer: what appears at once, and what is late, waits to be released."""
        names = shipment.name_of
        files = [data_file(names(number), lines) for number, lines in enumerate(shipment.parts)]
        control = DropFile(f"{shipment.root}.info", control_content(shipment.root, self.faults.listed(files)), 0)
        appearing = [(timedelta(), control), *self.faults.appearing(files, names(len(files)))]
        db.executemany(
            "INSERT OR REPLACE INTO outbound_file (bucket, name, due, content) VALUES (?, ?, ?, ?)",
            ((shipment.bucket, file.name, milliseconds(now + delay), file.content) for delay, file in appearing),
        )

    def release(self, now: datetime) -> list[str]:
        """Let the files appear whose time has come; name the data files among them. One that cannot be put is late."""
        appeared = []
        with self.database.transaction() as db:
            for bucket, name, content in db.execute(_WAITING, (milliseconds(now),)).fetchall():
                try:
                    self.buckets[bucket].put(name, content)
                except Exception as error:  # noqa: BLE001 - whatever is wrong with a bucket
                    _LOG.warning("A file cannot be put into the bucket %s: %s.", bucket, type(error).__name__)
                    later = milliseconds(now + _RETRY)
                    db.execute("UPDATE outbound_file SET due = ? WHERE bucket = ? AND name = ?", (later, bucket, name))
                    continue
                db.execute("UPDATE outbound_file SET content = NULL WHERE bucket = ? AND name = ?", (bucket, name))
                appeared.append(name)
        return [name for name in appeared if not name.endswith(".info")]

    def next_release(self) -> datetime | None:
        """Tell when the next file appears; None if none is waiting."""
        with self.database.transaction() as db:
            (due,) = db.execute("SELECT min(due) FROM outbound_file WHERE content IS NOT NULL").fetchone()
        return None if due is None else moment_of(due)

    def remove_old(self, now: datetime) -> None:
        """Remove the files that are not kept any more."""
        with self.database.transaction() as db:
            old = db.execute(
                "SELECT bucket, name FROM outbound_file WHERE content IS NULL AND due <= ?", (milliseconds(now - KEPT),)
            ).fetchall()
            for bucket, name in old:
                self.buckets[bucket].delete(name)
                db.execute("DELETE FROM outbound_file WHERE bucket = ? AND name = ?", (bucket, name))
