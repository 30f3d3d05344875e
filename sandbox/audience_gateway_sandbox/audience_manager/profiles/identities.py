"""Finds and makes the profiles of ids."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audience_gateway_sandbox.audience_manager.profiles.ecid import ecid_of, uuid_of
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, IdKind

_DEVICE = "SELECT id, value, ecid, region, opted_out FROM profile WHERE source = 0 AND "


@dataclass(frozen=True, slots=True)
class Device:
    """A browser or an app with Audience Manager's id of it.

    Attributes:
        profile: number of its profile.
        uuid: Audience Manager's id.
        ecid: its Experience Cloud ID in the organisation.
        region: where its data are.
        opted_out: whether it opted out.
    """

    profile: int
    uuid: str
    ecid: str
    region: int
    opted_out: bool


@dataclass(frozen=True, slots=True)
class Identities:
    """The profiles of one organisation's ids."""

    org_id: str

    def device(self, db: sqlite3.Connection, *, uuid: str = "", ecid: str = "") -> Device | None:
        """Find a device by its Experience Cloud ID, or else by its device id."""
        column, value = ("ecid", ecid) if ecid else ("value", uuid)
        row = db.execute(f"{_DEVICE} {column} = ?", (value,)).fetchone()
        return None if row is None else Device(row[0], row[1], row[2], row[3], bool(row[4]))

    def seen_device(self, db: sqlite3.Connection, now: int, region: int, *, uuid: str = "", ecid: str = "") -> Device:
        """Find or make a device that is active at this moment."""
        found = self.device(db, uuid=uuid, ecid=ecid)
        if found is not None:
            db.execute("UPDATE profile SET seen = ?, region = ? WHERE id = ?", (now, region, found.profile))
            return found
        uuid = uuid_of(self.org_id, ecid) if ecid else uuid
        ecid = ecid or ecid_of(self.org_id, uuid)
        row = db.execute(
            "INSERT INTO profile (source, value, ecid, region, created, seen) VALUES (0, ?, ?, ?, ?, ?)"
            " ON CONFLICT (source, value) DO UPDATE SET seen = excluded.seen RETURNING id, opted_out",
            (uuid, ecid, region, now, now),
        ).fetchone()
        return Device(row[0], uuid, ecid, region, bool(row[1]))

    def add_devices(self, db: sqlite3.Connection, now: int, region: int, ecids: Iterable[str]) -> None:
        """Make many devices of their Experience Cloud IDs; those that are there stay as they are."""
        db.executemany(
            "INSERT INTO profile (source, value, ecid, region, created, seen) VALUES (0, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            ((uuid_of(self.org_id, ecid), ecid, region, now, now) for ecid in ecids),
        )

    def seen_id(self, db: sqlite3.Connection, now: int, source: int, value: str) -> int:
        """Find or make the profile of an id that is no 38-digit one, and tell its number."""
        row = db.execute(
            "INSERT INTO profile (source, value, created, seen) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (source, value) DO UPDATE SET seen = excluded.seen RETURNING id",
            (source, value, now, now),
        ).fetchone()
        return int(row[0])

    def known(self, db: sqlite3.Connection, kind: IdKind, source: int, value: str) -> int | None:
        """Find the profile of an id."""
        column, place = _place(kind, source)
        row = db.execute(
            f"SELECT id FROM profile WHERE source = ? AND {column} = ?",  # noqa: S608 - one of two columns
            (place, value),
        ).fetchone()
        return None if row is None else int(row[0])

    def known_of(self, db: sqlite3.Connection, kind: IdKind, source: int, values: Sequence[str]) -> dict[str, int]:
        """Find the profiles of many ids at once; those that are not known are left out."""
        column, place = _place(kind, source)
        db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (value TEXT PRIMARY KEY) WITHOUT ROWID")
        db.execute("DELETE FROM wanted")
        db.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((value,) for value in values))
        rows = db.execute(
            f"SELECT wanted.value, profile.id FROM wanted CROSS JOIN profile ON profile.source = ?"  # noqa: S608 - see above
            f" AND profile.{column} = wanted.value",
            (place,),
        )
        return dict(rows.fetchall())

    def add_ids(self, db: sqlite3.Connection, now: int, source: int, values: Iterable[str]) -> None:
        """Make the profiles of many ids that are no 38-digit ones."""
        db.executemany(
            "INSERT INTO profile (source, value, created, seen) VALUES (?, ?, ?, ?) ON CONFLICT (source, value)"
            " DO UPDATE SET seen = excluded.seen",
            ((source, value, now, now) for value in values),
        )


def _place(kind: IdKind, source: int) -> tuple[str, int]:
    """Tell by which column, and below which data source, ids of a kind are found."""
    if kind is IdKind.ECID:
        return "ecid", AAM_UUID
    return "value", AAM_UUID if kind is IdKind.UUID else source
