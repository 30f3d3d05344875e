"""Merges the fragments of a graph into one profile, and keeps profiles and graphs together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from audience_gateway_sandbox.platform.identities.graph import Key, members_of
from audience_gateway_sandbox.platform.storage import Space

_OPT_OUT, _OUT = "general_opt_out", "out"


def merged(fragments: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Merge records, the newest last: it wins, member by member."""
    whole: dict[str, Any] = {}
    for fragment in fragments:
        whole = _over(whole, fragment)
    whole.pop("identityMap", None)
    return whole


def has_opted_out(entity: dict[str, Any]) -> bool:
    """Tell whether a profile is left out of all audiences (rtcdp 8.3)."""
    listed = entity.get("privacyOptOuts")
    return isinstance(listed, list) and any(
        isinstance(each, dict) and each.get("optOutType") == _OPT_OUT and each.get("optOutValue") == _OUT
        for each in listed
    )


def stitch(space: Space, keys: Iterable[Key]) -> set[int]:
    """Make one profile of each graph that these identities are in; answer the profiles that were written."""
    rest = {identity for key in keys for identity in _of_profile(space, _profile_of(space, key)) or [key]}
    written: set[int] = set()
    while rest:
        members = members_of(space, min(rest))
        rest.difference_update(members)
        written.add(_write(space, members, taken=written))
    return written


def _write(space: Space, members: Sequence[Key], *, taken: set[int]) -> int:
    former = sorted({_profile_of(space, key) for key in members} - {0} - taken)
    fragments = _fragments_of(space, members)
    entity = merged(fragments)
    profile = former[0] if former else _new(space)
    space.database.execute(
        "UPDATE profile SET entity = ?, identities = ?, opted_out = ?, modified = ? WHERE id = ?",
        (json.dumps(entity), len(members), has_opted_out(entity), space.microseconds, profile),
    )
    space.database.executemany(
        "UPDATE identity SET profile = ? WHERE space = ? AND namespace = ? AND value = ?",
        ((profile, space.name, *key) for key in members),
    )
    for other in former[1:]:
        _hand_over_memberships(space, other, profile)
    return profile


def _fragments_of(space: Space, members: Iterable[Key]) -> list[dict[str, Any]]:
    rows = [
        row
        for key in members
        for row in space.database.execute(
            "SELECT updated, dataset, body FROM fragment WHERE space = ? AND namespace = ? AND value = ?",
            (space.name, *key),
        )
    ]
    return [json.loads(body) for _, _, body in sorted(rows)]


def _new(space: Space) -> int:
    made = space.database.execute(
        "INSERT INTO profile (space, entity, identities, modified) VALUES (?, '{}', 0, ?)",
        (space.name, space.microseconds),
    )
    return int(made.lastrowid or 0)


def _profile_of(space: Space, key: Key) -> int:
    row = space.database.execute(
        "SELECT profile FROM identity WHERE space = ? AND namespace = ? AND value = ?", (space.name, *key)
    ).fetchone()
    return int(row[0]) if row else 0


def _of_profile(space: Space, profile: int) -> list[Key]:
    if not profile:
        return []
    rows = space.database.execute("SELECT namespace, value FROM identity WHERE profile = ?", (profile,))
    return [(row[0], row[1]) for row in rows]


def _remove(space: Space, profile: int) -> None:
    space.database.execute("DELETE FROM membership WHERE profile = ?", (profile,))
    space.database.execute("DELETE FROM profile WHERE id = ?", (profile,))


def _hand_over_memberships(space: Space, former: int, profile: int) -> None:
    """Give a profile the memberships of one that it has taken in; of two in one audience, that in it now stays."""
    space.database.execute(
        "INSERT INTO membership (audience, profile, status, qualified, changed, valid_until, payload)"
        " SELECT audience, ?, status, qualified, changed, valid_until, payload FROM membership WHERE profile = ?"
        " ON CONFLICT (audience, profile) DO UPDATE SET status = excluded.status, qualified = excluded.qualified,"
        " changed = excluded.changed, valid_until = excluded.valid_until"
        " WHERE excluded.status = 'realized' AND membership.status <> 'realized'",
        (profile, former),
    )
    _remove(space, former)


def _over(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    made = dict(old)
    for name, value in new.items():
        before = made.get(name)
        made[name] = _over(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return made
