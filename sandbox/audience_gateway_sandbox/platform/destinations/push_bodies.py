"""What is pushed of a profile: mapped attributes, all identities and all memberships (rtcdp 4)."""

from __future__ import annotations

import json
from typing import Any

from audience_gateway_sandbox.platform.audiences.audience import audiences
from audience_gateway_sandbox.platform.destinations.selectors import activations_of, columns_of
from audience_gateway_sandbox.platform.destinations.target import Target
from audience_gateway_sandbox.platform.policies.labels import without_forbidden
from audience_gateway_sandbox.platform.profiles.profile import entity_of
from audience_gateway_sandbox.platform.storage import Document, Space

MAPPED = "mapped"
"""When an audience was activated by a flow, each time that it was."""
_ALWAYS = ("identityMap", "segmentMembership")
_NAMES, _TIMES = "includeSegmentNames", "includeSegmentTimestamps"
"""Parameters of a target by which memberships tell more; how the platform calls them is assumed."""


def body_of(space: Space, flow: Document, target: Target, profile: int) -> bytes:
    """Write a profile as it is pushed."""
    entity = without_forbidden(space, entity_of(space, profile))
    paths = [column.path.split(".")[0] for column in columns_of(space, flow)]
    body = {name: entity[name] for name in (*paths, *_ALWAYS) if name in entity}
    body["identityMap"] = {namespace.lower(): ids for namespace, ids in body["identityMap"].items()}
    for activation in activations_of(flow):
        document = audiences(space).get(activation.audience)
        if document is None:
            continue
        for memberships in body["segmentMembership"].values():
            for id_ in {activation.audience, str(document.body.get("audienceId"))} & memberships.keys():
                memberships[id_] |= _said_of(space, flow, target, document)
    return json.dumps(body).encode()


def note_mapping(space: Space, flow: Document, audience: str, *, is_mapped: bool) -> None:
    """Note that a flow activates an audience from now on, or does no more."""
    mapped, key = space.documents(MAPPED), f"{flow.id}/{audience}"
    if not is_mapped:
        mapped.remove(key)
    elif mapped.get(key) is None:
        mapped.add({}, key)


def _said_of(space: Space, flow: Document, target: Target, audience: Document) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if _is_set(target, _NAMES):
        said["name"] = audience.body.get("name", "")
    mapped = space.documents(MAPPED).get(f"{flow.id}/{audience.id}")
    if _is_set(target, _TIMES) and mapped is not None:
        said |= {
            "createdAt": audience.created_ms,
            "updatedAt": audience.updated_ms,
            "mappingCreatedAt": mapped.created_ms,
            "mappingUpdatedAt": mapped.updated_ms,
        }
    return said


def _is_set(target: Target, name: str) -> bool:
    return target.params.get(name) in {True, "true"}
