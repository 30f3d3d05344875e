"""Which profiles have which traits: since when, seen last when, and how often (audience-manager 1.5, 8)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

DAY = 86_400_000
"""Milliseconds of a day."""

_REALIZE = """
INSERT INTO qualification (profile, trait, source, first, last, count) VALUES (?, ?, ?, ?, ?, 1)
ON CONFLICT (profile, trait) DO UPDATE SET last = max(last, excluded.last), count = count + 1
"""
_COUNT = """
INSERT INTO realization (profile, trait, day, last, count) VALUES (?, ?, ?, ?, 1)
ON CONFLICT (profile, trait, day) DO UPDATE SET last = excluded.last, count = count + 1
"""
_EVICT = """
DELETE FROM qualification WHERE (profile, trait) IN (
    SELECT profile, trait FROM (
        SELECT profile, trait, row_number() OVER (PARTITION BY profile ORDER BY first DESC, trait DESC) AS place
        FROM qualification WHERE profile IN (SELECT value FROM json_each(?)))
    WHERE place > ?)
"""


def realize(db: sqlite3.Connection, profile: int, traits: Iterable[tuple[int, int]], now: int, most: int) -> None:
    """Note that a profile qualified for traits now, once more; the first ones go when there are too many.

    Args:
        db: the tables.
        profile: whose.
        traits: each trait with its data source.
        now: milliseconds since 1970.
        most: how many traits a profile may have.
    """
    given = list(traits)
    db.executemany(_REALIZE, ((profile, trait, source, now, now) for trait, source in given))
    db.executemany(_COUNT, ((profile, trait, now // DAY, now) for trait, _ in given))
    evict(db, [profile], most)


def remove(db: sqlite3.Connection, profile: int, traits: Iterable[int]) -> None:
    """Take traits from a profile."""
    db.executemany("DELETE FROM qualification WHERE profile = ? AND trait = ?", [(profile, trait) for trait in traits])


def remove_of_source(db: sqlite3.Connection, profile: int, source: int) -> None:
    """Take from a profile all traits of a data source."""
    db.execute("DELETE FROM qualification WHERE profile = ? AND source = ?", (profile, source))


def evict(db: sqlite3.Connection, profiles: Sequence[int], most: int) -> None:
    """Forget what profiles qualified for first, as far as they have more traits than they may."""
    db.execute(_EVICT, (f"[{','.join(map(str, profiles))}]", most))


def oldest_alive(ttl_days: int, now: int) -> int:
    """Tell since when, in milliseconds, a trait has to have been realized not to have ended; 0 if it never ends.

    A trait ends with the day, in UTC, that is so many days after the one of its realization (audience-manager 1.5).
    """
    return (now // DAY - ttl_days) * DAY if ttl_days else 0
