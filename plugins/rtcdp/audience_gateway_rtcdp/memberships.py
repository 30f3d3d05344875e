"""Which words say that a profile is in an audience, or has left it (rtcdp 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

REALIZED = frozenset({"realized", "existing"})
"""Statuses of members, in small letters; `existing` is deprecated and still found."""
EXITED = frozenset({"exited"})
"""Statuses of those who left, in small letters."""


def status_of(membership: object) -> str:
    """The status of a membership in small letters; empty if there is none."""
    status = membership.get("status") if isinstance(membership, dict) else None
    return status.lower() if isinstance(status, str) else ""


def audiences_of(profile: Mapping[str, Any]) -> Iterator[str]:
    """Ids of the audiences that a profile is in, by whatever namespace; an absent one says that it is not in it."""
    memberships = profile.get("segmentMembership")
    for of_namespace in memberships.values() if isinstance(memberships, dict) else ():
        for audience, membership in of_namespace.items() if isinstance(of_namespace, dict) else ():
            if status_of(membership) in REALIZED:
                yield audience
