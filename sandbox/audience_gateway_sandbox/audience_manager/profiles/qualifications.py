"""Which profiles have which traits: since when, seen last when, and how often (audience-manager 1.5, 8)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from audience_gateway_sandbox.audience_manager.profiles.database import milliseconds, moment_of

DAY = 86_400_000
"""Milliseconds of a day."""

_REALIZE = """
INSERT INTO qualification (profile, trait, source, first, last, count) VALUES (?, ?, ?, ?, ?, 1)
ON CONFLICT (profile, trait) DO UPDATE SET last = max(last, excluded.last), count = count + 1
"""
_COUNT = """
INSERT INTO realization (profile, trait, day, count) VALUES (?, ?, ?, 1)
ON CONFLICT (profile, trait, day) DO UPDATE SET count = count + 1
"""
_EVICT = """
DELETE FROM qualification WHERE (profile, trait) IN (
    SELECT profile, trait FROM (
        SELECT profile, trait, row_number() OVER (PARTITION BY profile ORDER BY first DESC, trait DESC) AS place
        FROM qualification WHERE profile IN (SELECT value FROM json_each(?)))
    WHERE place > ?)
"""


def realize(db: sqlite3.Connection, profile: int, traits: Iterable[tuple[int, int]], now: int, most: int) -> None:
    """Note that a profile qualified for rule-based traits now; the first ones go when there are too many.

    Args:
        db: the tables.
        profile: whose.
        traits: each trait with its data source.
        now: milliseconds since 1970.
        most: how many traits a profile may have.
    """
    given = list(traits)
    db.executemany(_REALIZE, ((profile, trait, source, now, now) for trait, source in given))
    db.executemany(_COUNT, ((profile, trait, now // DAY) for trait, _ in given))
    evict(db, [profile], most)


def remove(db: sqlite3.Connection, profile: int, traits: Iterable[int]) -> None:
    """Take traits from a profile."""
    for trait in traits:
        for table in ("qualification", "realization"):
            db.execute(f"DELETE FROM {table} WHERE profile = ? AND trait = ?", (profile, trait))  # noqa: S608 - ours


def remove_of_source(db: sqlite3.Connection, profile: int, source: int) -> None:
    """Take from a profile all traits of a data source."""
    traits = db.execute("SELECT trait FROM qualification WHERE profile = ? AND source = ?", (profile, source))
    remove(db, profile, [trait for (trait,) in traits.fetchall()])


def evict(db: sqlite3.Connection, profiles: Sequence[int], most: int) -> None:
    """Forget what profiles qualified for first, as far as they have more traits than they may."""
    db.execute(_EVICT, (f"[{','.join(map(str, profiles))}]", most))


def expires(last: datetime, ttl_days: int) -> datetime | None:
    """Tell when a trait ends that was realized last at a time: with the day, UTC, after so many; None for never."""
    if not ttl_days:
        return None
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=ttl_days + 1)


def is_alive(last: int, ttl_days: int, now: int) -> bool:
    """Tell whether a trait that was realized last at a time, in milliseconds, is still one."""
    end = expires(moment_of(last), ttl_days)
    return end is None or now < milliseconds(end)
