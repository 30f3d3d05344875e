"""Profile access, `/data/core/ups/access/entities`: one profile by one identity (rtcdp 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audience_gateway.sdk.rest import NotFound

from audience_gateway_rtcdp.memberships import audiences_of
from audience_gateway_rtcdp.platform import Platform

_PATH = "/data/core/ups/access/entities"


@dataclass(frozen=True, slots=True)
class ProfileAccess:
    """Asks about people. Raises what a call raises; no id is part of an error.

    Attributes:
        platform: the sandbox.
        merge_policy: id of the merge policy; empty for the default one.
    """

    platform: Platform
    merge_policy: str = ""

    async def audiences(self, namespace: str, id_: str) -> frozenset[str]:
        """Ids of the audiences that the profile of an identity is in; none if there is no such profile."""
        query = [
            ("schema.name", "_xdm.context.profile"),
            ("entityId", id_),
            ("entityIdNS", namespace),
            ("fields", "segmentMembership"),
            *([("mergePolicyId", self.merge_policy)] if self.merge_policy else []),
        ]
        try:
            answer = await self.platform.caller.call("GET", _PATH, query=query)
        except NotFound:
            return frozenset()
        profiles = self.platform.object(answer.content).values()
        return frozenset(audience for each in profiles for audience in audiences_of(_entity(each)))


def _entity(profile: object) -> Mapping[str, Any]:
    entity = profile.get("entity") if isinstance(profile, dict) else None
    return entity if isinstance(entity, dict) else {}
