"""The identity graph: links of identities, how graphs grow, and what leaves them (rtcdp 2.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from audience_gateway_sandbox.platform.identities.identity import Identity, xid_of
from audience_gateway_sandbox.platform.identities.namespaces import by_code
from audience_gateway_sandbox.platform.storage import Space

MOST_IDENTITIES = 50
"""A graph has at most so many identities (rtcdp 2.4)."""
Key = tuple[str, str]
_UNIQUE = frozenset({"EMAIL", "CROSS_DEVICE"})
"""With linking rules, a graph has one identity of each namespace of these kinds: a person's."""
_REACHED = (
    "WITH RECURSIVE reached (namespace, value) AS (VALUES (?, ?) UNION"
    " SELECT other_namespace, other_value FROM link JOIN reached"
    " ON link.space = ? AND link.namespace = reached.namespace AND link.value = reached.value)"
    " SELECT namespace, value FROM reached ORDER BY namespace, value"
)


def members_of(space: Space, key: Key) -> list[Key]:
    """List the identities of the graph that one is in, itself included."""
    return [tuple(row) for row in space.database.execute(_REACHED, (*key, space.name))]


def connect(space: Space, identities: Sequence[Identity], *, dataset: str, batch: str) -> set[Key]:
    """Remember the identities of a record and link its primary one with the others.

    Answers all identities whose graph may have changed.
    """
    linked = [identity for identity in identities if identity.links]
    before = set(chain.from_iterable(members_of(space, identity.key) for identity in linked))
    _remember(space, identities)
    for other in linked[1:]:
        _link(space, linked[0].key, other.key, dataset, batch)
    for identity in linked:
        _keep_the_rules(space, identity.key)
    return before | {identity.key for identity in identities}


def _remember(space: Space, identities: Iterable[Identity]) -> None:
    space.database.executemany(
        "INSERT INTO identity (space, namespace, value, seen, state) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (space, namespace, value) DO UPDATE SET seen = excluded.seen, state = excluded.state",
        ((space.name, *identity.key, space.microseconds, identity.state) for identity in identities),
    )


def _link(space: Space, one: Key, other: Key, dataset: str, batch: str) -> None:
    now = space.microseconds
    space.database.executemany(
        "INSERT INTO link (space, namespace, value, other_namespace, other_value, established, confirmed, dataset,"
        " batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (space, namespace, value, other_namespace, other_value) DO UPDATE SET"
        " confirmed = excluded.confirmed",
        ((space.name, *low, *high, now, now, dataset, batch) for low, high in ((one, other), (other, one))),
    )


def _keep_the_rules(space: Space, key: Key) -> None:
    if space.assumptions.graph_linking_rules:
        while surplus := _surplus_link(space, members_of(space, key)):
            _cut(space, *surplus)
    members = members_of(space, key)
    while len(members) > MOST_IDENTITIES:
        _cut_off(space, _first_to_leave(space, members))
        members = members_of(space, key)


def _first_to_leave(space: Space, members: Iterable[Key]) -> Key:
    """Of a full graph, cookies leave before devices, and those before persons' ids; the oldest leave first."""
    return min(members, key=lambda key: (_priority(space, key[0]), _seen(space, key), xid_of(*key)))


def _surplus_link(space: Space, members: Sequence[Key]) -> tuple[Key, Key] | None:
    """Find the link to cut where a graph has two persons: the oldest of the namespace of the lowest priority.

    So a device stays with whom it was last used by (rtcdp 2.4, 10.6).
    """
    persons = [namespace for namespace, _ in members if _kind(space, namespace) in _UNIQUE]
    if len(set(persons)) == len(persons):
        return None
    links = [
        (_priority(space, key[0]), row[2], key, (row[0], row[1]))
        for key in members
        for row in space.database.execute(
            "SELECT other_namespace, other_value, confirmed FROM link WHERE space = ? AND namespace = ? AND value = ?",
            (space.name, *key),
        )
    ]
    _, _, one, other = min(links)
    return one, other


def _cut(space: Space, one: Key, other: Key) -> None:
    space.database.executemany(
        "DELETE FROM link WHERE space = ? AND namespace = ? AND value = ? AND other_namespace = ? AND other_value = ?",
        ((space.name, *one, *other), (space.name, *other, *one)),
    )


def _cut_off(space: Space, key: Key) -> None:
    for other in space.database.execute(
        "SELECT other_namespace, other_value FROM link WHERE space = ? AND namespace = ? AND value = ?",
        (space.name, *key),
    ).fetchall():
        _cut(space, key, (other[0], other[1]))


def _seen(space: Space, key: Key) -> int:
    row = space.database.execute(
        "SELECT seen FROM identity WHERE space = ? AND namespace = ? AND value = ?", (space.name, *key)
    ).fetchone()
    return int(row[0]) if row else 0


def _priority(space: Space, code: str) -> int:
    namespace = by_code(space, code)
    return namespace.priority if namespace else 0


def _kind(space: Space, code: str) -> str:
    namespace = by_code(space, code)
    return namespace.kind if namespace else ""
