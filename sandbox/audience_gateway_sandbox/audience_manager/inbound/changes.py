"""Lets what a processed file says of traits count."""

from __future__ import annotations

import sqlite3

from audience_gateway_sandbox.audience_manager.profiles.qualifications import evict

_CLEAR = """
DELETE FROM qualification WHERE source = ? AND profile IN (SELECT profile FROM inbound_user WHERE file = ?)
"""
_REMOVE = """
DELETE FROM qualification WHERE (profile, trait) IN (
    SELECT profile, trait FROM inbound_change WHERE file = ? AND realized = 0)
"""
_REALIZE = """
INSERT INTO qualification (profile, trait, source, first, last, count)
SELECT profile, trait, ?, ?, ?, 1 FROM inbound_change WHERE file = ? AND realized = 1
    AND profile NOT IN (SELECT id FROM profile WHERE opted_out > 0)
ON CONFLICT (profile, trait) DO UPDATE SET last = max(last, excluded.last)
"""
_CROWDED = """
SELECT profile FROM qualification WHERE profile IN (SELECT profile FROM inbound_user WHERE file = ?)
GROUP BY profile HAVING count(*) > ?
"""


def apply(db: sqlite3.Connection, number: int, most: int) -> None:
    """Change the traits of a file's users. An onboarded trait is realized once, however often it is sent.

    Args:
        db: the tables.
        number: of the file.
        most: how many traits a profile may have.
    """
    target, replaces, began = db.execute(
        "SELECT target, replaces, began FROM inbound_file WHERE id = ?", (number,)
    ).fetchone()
    if replaces:
        db.execute(_CLEAR, (target, number))
    db.execute(_REMOVE, (number,))
    db.execute(_REALIZE, (target, began, began, number))
    crowded = [profile for (profile,) in db.execute(_CROWDED, (number, most))]
    if crowded:
        evict(db, crowded, most)
    for table in ("inbound_user", "inbound_change"):
        db.execute(f"DELETE FROM {table} WHERE file = ?", (number,))  # noqa: S608 - ours
