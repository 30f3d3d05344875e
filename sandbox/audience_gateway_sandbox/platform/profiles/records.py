"""Takes in records: attributes of people, and what they did (rtcdp 2.4, 5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from audience_gateway_sandbox.platform.identities.graph import connect
from audience_gateway_sandbox.platform.identities.identity import Identity, Skipped, identities_of
from audience_gateway_sandbox.platform.profiles.merging import merged, stitch
from audience_gateway_sandbox.platform.storage import Space

_SKIPPED = "skipped record"
_LARGEST_RECORD = 100_000
_LARGEST_EVENT = 10_000
_FRAGMENT = "space = ? AND namespace = ? AND value = ? AND dataset = ?"
Changed = Callable[[Space, set[int]], None]


def take(
    space: Space, entity: dict[str, Any], *, dataset: str, batch: str = "", merge: bool = False
) -> tuple[set[int], str]:
    """Take in one record; an event is one with `_id` and `timestamp`.

    Args:
        space: the sandbox that it is for.
        entity: the record as XDM.
        dataset: id of the dataset that it comes by.
        batch: id of the batch that it comes by.
        merge: what the dataset told of the person before stays where the record does not tell otherwise.

    Answers:
        The profiles that changed, and why the record was skipped; empty if it was not.
    """
    try:
        return _taken(space, entity, dataset, batch, merge=merge), ""
    except Skipped as reason:
        space.documents(_SKIPPED).add({"reason": str(reason), "dataset": dataset})
        return set(), str(reason)


def skipped(space: Space) -> dict[str, int]:
    """Count the records that were skipped, by reason: the platform tells so in its monitoring only."""
    rows = space.database.execute(
        "SELECT json_extract(body, '$.reason'), count(*) FROM document WHERE space = ? AND kind = ? GROUP BY 1",
        (space.name, _SKIPPED),
    )
    return dict(rows.fetchall())


def _taken(space: Space, entity: dict[str, Any], dataset: str, batch: str, *, merge: bool) -> set[int]:
    event = isinstance(entity.get("_id"), str) and isinstance(entity.get("timestamp"), str)
    text = json.dumps(entity)
    if len(text) > (_LARGEST_EVENT if event else _LARGEST_RECORD):
        raise Skipped("record_too_large")
    identities = identities_of(space, entity)
    changed = connect(space, identities, dataset=dataset, batch=batch)
    keep = _keep_event if event else _keep_record
    keep(space, identities[0], entity, dataset, merge)
    return stitch(space, changed)


def _keep_record(space: Space, identity: Identity, entity: dict[str, Any], dataset: str, merge: bool) -> None:  # noqa: FBT001 - one of two alike
    place = (space.name, *identity.key, dataset)
    before = space.database.execute(f"SELECT body FROM fragment WHERE {_FRAGMENT}", place).fetchone()
    whole = merged([json.loads(before[0]), entity]) if merge and before else entity
    space.database.execute(
        "INSERT OR REPLACE INTO fragment (space, namespace, value, dataset, body, updated) VALUES (?, ?, ?, ?, ?, ?)",
        (*place, json.dumps(whole), space.microseconds),
    )


def _keep_event(space: Space, identity: Identity, entity: dict[str, Any], dataset: str, _: bool) -> None:  # noqa: FBT001 - see above
    space.database.execute(
        "INSERT OR IGNORE INTO event (space, id, namespace, value, dataset, happened, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (space.name, entity["_id"], *identity.key, dataset, entity["timestamp"], json.dumps(entity)),
    )
