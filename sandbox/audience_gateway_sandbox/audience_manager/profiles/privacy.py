"""Opt-out and deletion (audience-manager 9)."""

from __future__ import annotations

import sqlite3

from audience_gateway_sandbox.audience_manager.profiles.links import devices_of

MOST_DEVICES = 100
"""Devices of one customer that a deletion reaches."""


def opt_out(db: sqlite3.Connection, profile: int, now: int) -> None:
    """Opt out a device, or a customer with the device seen last; nothing is deleted, but nobody is told of them."""
    for each in (profile, *devices_of(db, profile, 1)):
        db.execute("UPDATE profile SET opted_out = ? WHERE id = ? AND opted_out = 0", (now, each))


def is_opted_out(db: sqlite3.Connection, profile: int) -> bool:
    """Tell whether a device or a customer opted out."""
    row = db.execute("SELECT opted_out FROM profile WHERE id = ?", (profile,)).fetchone()
    return row is not None and bool(row[0])


def erase(db: sqlite3.Connection, profile: int, now: int) -> int:
    """Delete all traits and links of an id and of its devices, and opt them out. Tells how many profiles it were."""
    profiles = [profile, *devices_of(db, profile, MOST_DEVICES)]
    for each in profiles:
        db.execute("DELETE FROM qualification WHERE profile = ?", (each,))
        db.execute("UPDATE profile SET opted_out = ? WHERE id = ?", (now, each))
    for each in profiles:
        db.execute("DELETE FROM link WHERE device = ? OR other = ?", (each, each))
    return len(profiles)
