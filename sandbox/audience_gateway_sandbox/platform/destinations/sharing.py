"""Shares audiences with Audience Manager: the destination Experience Cloud Audiences (rtcdp 9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from audience_gateway_sandbox.platform.audiences.audience import audiences
from audience_gateway_sandbox.platform.destinations.selectors import activations_of
from audience_gateway_sandbox.platform.flow_service.objects import FLOWS
from audience_gateway_sandbox.platform.profiles.memberships import EXITED, REALIZED
from audience_gateway_sandbox.platform.storage import Document, Space

SHARE = "audience sharing"
"""The item of the agenda: Audience Manager is told of an audience of a flow."""
SHARED = "shared"
_CHANGED = (
    "SELECT DISTINCT identity.value FROM membership JOIN identity ON identity.profile = membership.profile"
    " WHERE membership.audience = ? AND membership.changed > ? AND membership.status = ?"
    " AND lower(identity.namespace) = 'ecid' ORDER BY 1"
)


class AudienceManagerSide(Protocol):
    """What is told of audiences."""

    def announce(self, audience: str, name: str, now: datetime) -> None:
        """Make known that there is an audience; once more changes nothing."""
        ...

    def tell(self, audience: str, entered: Sequence[str], left: Sequence[str], now: datetime) -> None:
        """Tell the Experience Cloud IDs of who entered an audience that was announced, and of who left it."""
        ...


def enter_announcement(space: Space, flow: Document, audience: str) -> None:
    """Have an audience announced at once: metadata takes minutes."""
    space.at(SHARE, f"{flow.id}/{audience}", space.now)


def enter_changes(space: Space, flow: Document, audience: str) -> None:
    """Have told who entered and who left, once that has arrived at the other side."""
    space.later(SHARE, f"{flow.id}/{audience}", timedelta(hours=space.assumptions.sharing_hours))


def share(other: AudienceManagerSide, space: Space, reference: str) -> None:
    """Announce an audience the first time; after that, tell of who entered and who left since the last time.

    Nothing but Experience Cloud IDs is told: there are no other identities that both sides know, and e-mails never go.
    """
    flow_id, _, audience = reference.partition("/")
    flow, document = space.documents(FLOWS).get(flow_id), audiences(space).get(audience)
    if flow is None or document is None or audience not in {each.audience for each in activations_of(flow)}:
        return
    if flow.body.get("state", "enabled") != "enabled":
        return
    states = space.documents(SHARED)
    state = states.get(reference)
    if state is None:
        other.announce(audience, str(document.body["name"]), space.now)
        backfills = space.assumptions.sharing_backfills
        states.add({"until": 0 if backfills else space.microseconds}, reference)
        if backfills:
            enter_changes(space, flow, audience)
        return
    entered, left = (_ecids(space, audience, state.body["until"], status) for status in (REALIZED, EXITED))
    other.tell(audience, entered, left, space.now)
    states.put(reference, {"until": space.microseconds})


def _ecids(space: Space, audience: str, since: int, status: str) -> list[str]:
    return [value for (value,) in space.database.execute(_CHANGED, (audience, since, status))]
