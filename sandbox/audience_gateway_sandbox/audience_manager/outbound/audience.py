"""Whom a destination is to be told of on a day."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from audience_gateway_sandbox.audience_manager.membership.members import Members
from audience_gateway_sandbox.audience_manager.objects import Destination, Segment
from audience_gateway_sandbox.audience_manager.outbound.addresses import Addresses
from audience_gateway_sandbox.audience_manager.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """One id that a destination is told of.

    Attributes:
        profile: a profile that has it.
        segments: those that it is in, each with the time, in milliseconds, of the newest trait.
    """

    profile: int
    segments: dict[int, int]


@dataclass(frozen=True, slots=True)
class OutboundAudience:
    """All that a destination is to be told.

    Attributes:
        users: by id.
        members: how many members there are, also those that have no id of the destination's data source.
    """

    users: Mapping[str, Told]
    members: int


def mapped_segments(store: Store, destination: Destination, day: date) -> list[tuple[Segment, str]]:
    """List the segments that go to a destination on a day, each with the key that it is known by there."""
    mappings = store.mappings.all(destination_id=destination.destination_id)
    keys = {
        each.sid: each.trait_alias or str(each.sid)
        for each in mappings
        if each.is_sent_on(day) and each.element_status == "active"
    }
    return [(segment, keys[segment.sid]) for segment in store.segments.all(sid=tuple(keys))] if keys else []


def audience_for(members: Members, addresses: Addresses, segments: list[Segment]) -> OutboundAudience:
    """Put together who is in which of a destination's segments, by the ids that it knows people by."""
    users: dict[str, Told] = {}
    everybody: set[int] = set()
    for segment in segments:
        found = members.of(segment)
        everybody.update(found)
        if not addresses.allows(members.merge_rule_of(segment)):
            continue
        for profile, realized in found.items():
            if (value := addresses.of(profile)) is None:
                continue
            told = users.setdefault(value, Told(profile, {}))
            told.segments[segment.sid] = max(realized, told.segments.get(segment.sid, 0))
    return OutboundAudience(users, len(everybody))


def last_told(db: sqlite3.Connection, destination_id: int) -> Mapping[str, set[int]]:
    """Tell which segments a destination was told of last, by id."""
    found: dict[str, set[int]] = defaultdict(set)
    for value, segment in db.execute(
        "SELECT value, segment FROM outbound_member WHERE destination = ?", (destination_id,)
    ):
        found[value].add(segment)
    return found


def remember(db: sqlite3.Connection, destination_id: int, users: Mapping[str, Told]) -> None:
    """Remember what a destination was told."""
    db.execute("DELETE FROM outbound_member WHERE destination = ?", (destination_id,))
    db.executemany(
        "INSERT INTO outbound_member VALUES (?, ?, ?)",
        ((destination_id, value, segment) for value, told in users.items() for segment in told.segments),
    )
