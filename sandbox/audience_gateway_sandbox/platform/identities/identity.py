"""Identities of a record: read off its identity map, and judged (rtcdp 2.1, 2.4)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.platform.identities.namespaces import Namespace, by_code
from audience_gateway_sandbox.platform.storage import Space

_ECID = re.compile(r"[0-9]{38}")
_LONGEST = 1024
_MOST_IN_A_RECORD = 20
_BLOCKED = frozenset({"null", "anonymous", "invalid", ""})
_STATES = frozenset({"ambiguous", "authenticated", "loggedOut"})
_FIELDS = (("Email", "personalEmail", "address"), ("Phone", "mobilePhone", "number"))
"""Fields that are identities of records without an identity map: assumed."""


class Skipped(ValueError):
    """A record that is not taken; the text is the reason, in small letters, and holds nothing of the record."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One identity.

    Attributes:
        namespace: code, spelled as the namespace is.
        value: the id.
        primary: whether the record is of this one.
        state: `ambiguous`, `authenticated` or `loggedOut`.
        links: whether it is part of graphs.
    """

    namespace: str
    value: str
    primary: bool = False
    state: str = "ambiguous"
    links: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.namespace, self.value


def xid_of(namespace: str, value: str) -> str:
    """Make the opaque id of an identity."""
    return base64.urlsafe_b64encode(f"{namespace}\x00{value}".encode()).decode().rstrip("=")


def identity_of(xid: str) -> tuple[str, str] | None:
    """Read an opaque id; None if it is none."""
    try:
        text = base64.urlsafe_b64decode(xid + "=" * (-len(xid) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    namespace, separator, value = text.partition("\x00")
    return (namespace, value) if separator else None


def identities_of(space: Space, entity: Mapping[str, Any]) -> list[Identity]:
    """Read the identities of a record, the primary one first.

    Raises Skipped for a record of which one is invalid, that has too many, or none.
    """
    listed = entity.get("identityMap")
    found = _of_map(space, listed) if isinstance(listed, Mapping) and listed else _of_fields(entity)
    if len(found) > _MOST_IN_A_RECORD:
        raise Skipped("too_many_identities")
    if not found:
        raise Skipped("no_identity")
    unique = {identity.key: identity for identity in sorted(found, key=lambda each: each.primary)}
    return sorted(unique.values(), key=lambda each: not each.primary)


def _of_map(space: Space, listed: Mapping[str, Any]) -> list[Identity]:
    found = []
    for code, items in listed.items():
        namespace = by_code(space, str(code))
        if namespace is None:
            raise Skipped("unknown_namespace")
        if not isinstance(items, list):
            raise Skipped("no_identity_map")
        found += [identity for item in items if (identity := _of_item(namespace, item)) is not None]
    return found


def _of_item(namespace: Namespace, item: object) -> Identity | None:
    value = item.get("id") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(value, str) or value.strip().lower() in _BLOCKED:
        return None
    if namespace.code == "ECID" and not _ECID.fullmatch(value):
        raise Skipped("invalid_ecid")
    if len(value) > _LONGEST:
        raise Skipped("identity_too_long")
    state = item.get("authenticatedState")
    return Identity(
        namespace.code,
        value,
        primary=item.get("primary") in {True, "true"},
        state=state if state in _STATES else "ambiguous",
        links=namespace.links,
    )


def _of_fields(entity: Mapping[str, Any]) -> list[Identity]:
    found: list[Identity] = []
    for namespace, group, name in _FIELDS:
        holder = entity.get(group)
        value = holder.get(name) if isinstance(holder, Mapping) else None
        if isinstance(value, str) and value.strip().lower() not in _BLOCKED and len(value) <= _LONGEST:
            found.append(Identity(namespace, value, primary=not found))
    return found
