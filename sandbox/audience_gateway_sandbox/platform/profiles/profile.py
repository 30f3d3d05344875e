"""A profile as the platform shows it: attributes, identity map and memberships."""

from __future__ import annotations

import json
from typing import Any

from audience_gateway_sandbox.platform.audiences.audience import RULED
from audience_gateway_sandbox.platform.storage import Space, written

_OWN_KEY = "ups"
"""Under which memberships of audiences with a rule stand (rtcdp 3)."""


def entity_of(space: Space, profile: int) -> dict[str, Any]:
    """Show a profile that is there as XDM, with `identityMap` and `segmentMembership`."""
    row = space.database.execute("SELECT entity FROM profile WHERE id = ?", (profile,)).fetchone()
    return {
        **json.loads(row[0]),
        "identityMap": identity_map_of(space, profile),
        "segmentMembership": memberships_of(space, profile),
    }


def identity_map_of(space: Space, profile: int) -> dict[str, list[dict[str, Any]]]:
    """Show the identities of a profile by namespace."""
    made: dict[str, list[dict[str, Any]]] = {}
    rows = space.database.execute(
        "SELECT namespace, value, state FROM identity WHERE profile = ? ORDER BY namespace, value", (profile,)
    )
    for namespace, value, state in rows:
        code = namespace.lower() if space.faults.lower_case_namespaces else namespace
        made.setdefault(code, []).append({"id": value, "authenticatedState": state, "primary": False})
    return made


def memberships_of(space: Space, profile: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Show the memberships of a profile, by namespace of the audience and by its id."""
    rows = space.database.execute(
        "SELECT document.id, json_extract(body, '$.type'), json_extract(body, '$.namespace'),"
        " json_extract(body, '$.audienceId'), status, qualified, valid_until"
        " FROM membership JOIN document ON document.id = membership.audience AND document.kind = 'audience'"
        " WHERE profile = ? AND space = ? ORDER BY document.sequence",
        (profile, space.name),
    )
    made: dict[str, dict[str, dict[str, Any]]] = {}
    for id_, kind, namespace, chosen_id, status, qualified, until in rows:
        key, name = (_OWN_KEY, id_) if kind == RULED else (namespace, chosen_id or id_)
        entry = {"lastQualificationTime": written(qualified), "status": status}
        made.setdefault(key, {})[name] = entry | ({"validUntil": written(until)} if until else {})
    return made
