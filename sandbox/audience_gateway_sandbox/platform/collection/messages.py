"""Messages of streaming collection: their envelope, and their judgement when callers wait for it (rtcdp 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from audience_gateway_sandbox import credentials

_MOST_FINDINGS = 5
"""Validation stops after so many errors (rtcdp 5)."""


def envelope_error(message: object) -> str:
    """Tell what is wrong with the envelope of a message; empty if nothing is."""
    header, body = _part(message, "header"), _part(message, "body")
    if header is None or body is None:
        return "A message needs the objects header and body."
    if _part(header, "schemaRef") is None:
        return "The header needs a schemaRef."
    if header.get("imsOrgId") != credentials.ORG_ID:
        return "The imsOrgId is not that of the inlet."
    if _part(body, "xdmEntity") is None:
        return "The body needs the object xdmEntity."
    return ""


def entity_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """Read the record of a message whose envelope is good."""
    return dict(message["body"]["xdmEntity"])


def merges(message: Mapping[str, Any]) -> bool:
    """Tell whether a record changes what was told before, instead of replacing it."""
    operations = _part(message["header"], "operations")
    return operations is not None and operations.get("data") == "merge"


def findings(entity: Mapping[str, Any], schema: str) -> list[dict[str, Any]]:
    """Judge a record by its schema, as far as that is known here: its identity map, and the names of its members."""
    found = [
        {
            "schemaLocation": "#",
            "pointerToViolation": place,
            "causingExceptions": [],
            "keyword": keyword,
            "message": text,
            "schema": schema,
        }
        for place, keyword, text in _wrong(entity)
    ]
    return found[:_MOST_FINDINGS]


def _wrong(entity: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    identities = entity.get("identityMap", {})
    if not isinstance(identities, Mapping):
        yield "#/identityMap", "type", "expected type: JSONObject"
        return
    for number, items in enumerate(identities.values()):
        if not isinstance(items, list):
            yield f"#/identityMap/{number}", "type", "expected type: JSONArray"
            continue
        for place, item in enumerate(items):
            if not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
                yield f"#/identityMap/{number}/{place}/id", "type", "expected type: String"
    for name in ("person", "personalEmail", "mobilePhone", "consents"):
        if name in entity and not isinstance(entity[name], Mapping):
            yield f"#/{name}", "type", "expected type: JSONObject"


def _part(whole: object, name: str) -> Mapping[str, Any] | None:
    part = whole.get(name) if isinstance(whole, Mapping) else None
    return part if isinstance(part, Mapping) else None
