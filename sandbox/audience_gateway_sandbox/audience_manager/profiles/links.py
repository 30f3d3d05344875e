"""The id graph: which ids belong to the same browser, device or person, and when that was last seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from audience_gateway_sandbox.audience_manager.profiles.limits import Limits


class AuthState(IntEnum):
    """What a site says of a visitor (people-and-ids 3.2)."""

    UNKNOWN = 0
    AUTHENTICATED = 1
    LOGGED_OUT = 2


@dataclass(frozen=True, slots=True)
class Link:
    """Two ids that were seen together.

    Attributes:
        device: profile of the device; of hashed e-mails, that of the customer.
        other: profile of the other id.
        source: data source of the other id.
        seen: when, in milliseconds since 1970.
        state: whether the visitor was logged in.
        authenticates: whether the other id is the last that was logged in on the device.
    """

    device: int
    other: int
    source: int
    seen: int
    state: AuthState = AuthState.UNKNOWN
    authenticates: bool = False


_UPSERT = """
INSERT INTO link (device, other, source, seen, authenticated, state) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (device, other) DO UPDATE SET
    seen = max(seen, excluded.seen),
    authenticated = max(authenticated, excluded.authenticated),
    state = CASE WHEN excluded.seen >= seen THEN excluded.state ELSE state END
"""
_EVICT_OTHERS = """
DELETE FROM link WHERE (device, other) IN (
    SELECT device, other FROM (
        SELECT link.device, link.other, row_number() OVER (
            PARTITION BY link.device, link.source ORDER BY link.seen DESC, link.other DESC) AS place
        FROM link JOIN (SELECT DISTINCT device, source FROM touched) AS touched
            ON touched.device = link.device AND touched.source = link.source)
    WHERE place > ?)
"""
_EVICT_DEVICES = """
DELETE FROM link WHERE (device, other) IN (
    SELECT device, other FROM (
        SELECT link.device, link.other, row_number() OVER (
            PARTITION BY link.other ORDER BY link.seen DESC, link.device DESC) AS place
        FROM link JOIN (SELECT DISTINCT other FROM touched) AS others ON others.other = link.other)
    WHERE place > ?)
"""


def add_links(db: sqlite3.Connection, links: Iterable[Link], limits: Limits, most_others: int) -> int:
    """Remember links, the newest of each pair, and forget the oldest of those that are over a limit.

    Args:
        db: the tables.
        links: of one kind.
        limits: how many devices an id may have.
        most_others: how many ids of one data source a device may have.

    Returns: how many links were given.
    """
    db.execute("CREATE TEMP TABLE IF NOT EXISTS touched (device INTEGER, source INTEGER, other INTEGER)")
    db.execute("DELETE FROM touched")
    given = list(links)
    db.executemany(
        _UPSERT,
        (
            (link.device, link.other, link.source, link.seen, link.seen if link.authenticates else 0, link.state)
            for link in given
        ),
    )
    db.executemany("INSERT INTO touched VALUES (?, ?, ?)", ((link.device, link.source, link.other) for link in given))
    db.execute(_EVICT_OTHERS, (most_others,))
    db.execute(_EVICT_DEVICES, (limits.devices_of_customer,))
    return len(given)


def authenticated_on(db: sqlite3.Connection, device: int, source: int) -> int | None:
    """Find the profile of the customer that was last logged in on a device."""
    row = db.execute(
        "SELECT other FROM link WHERE device = ? AND source = ? AND authenticated > 0"
        " ORDER BY authenticated DESC, other DESC LIMIT 1",
        (device, source),
    ).fetchone()
    return None if row is None else int(row[0])


def devices_of(db: sqlite3.Connection, customer: int, most: int) -> list[int]:
    """List the devices of a customer, the one seen last first."""
    rows = db.execute(
        "SELECT device FROM link WHERE other = ? ORDER BY seen DESC, device DESC LIMIT ?", (customer, most)
    )
    return [device for (device,) in rows]
