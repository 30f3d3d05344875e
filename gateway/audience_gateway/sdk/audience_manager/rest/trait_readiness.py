"""Whether members can be given a trait (audience-manager 1.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from audience_gateway.sdk.audience_manager.rest.objects import Trait
from audience_gateway.sdk.errors import Permanent

_ACTIVE = "ACTIVE"


def require_active(trait: Trait, place: str) -> None:
    """Raises Permanent for a trait that is switched off."""
    if trait.status and trait.status.upper() != _ACTIVE:
        raise Permanent(f"trait {trait.id} is not active", place=place, remedy="Activate it.")


def require_settled(trait: Trait, hours: float, now: datetime, place: str) -> None:
    """Raises Permanent for a trait that is so new that members would be lost."""
    if trait.create_time is None:
        return
    since = trait.create_time + timedelta(hours=hours)
    if now < since:
        raise Permanent(
            f"trait {trait.id} was created at {trait.create_time:%Y-%m-%d %H:%M} UTC, and members may be given it"
            f" from {since:%Y-%m-%d %H:%M} UTC on",
            place=place,
            remedy="Share again then: members that come before are lost without a word.",
        )
