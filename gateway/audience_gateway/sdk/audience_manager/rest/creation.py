"""Creates an audience: an onboarded trait, and a segment of those who have it, under one integration code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk.audience_manager.rest.audiences import Audiences, Objects, may_be_code
from audience_gateway.sdk.audience_manager.rest.client import AudienceManagerRest
from audience_gateway.sdk.audience_manager.rest.object_settings import LimitSettings, OnboardingSettings
from audience_gateway.sdk.audience_manager.rest.objects import Segment, Trait, TraitType
from audience_gateway.sdk.errors import ConfigError, Permanent
from audience_gateway.sdk.rest import Conflict

_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Creation:
    """Creates what is not there yet; a repeat creates nothing.

    Attributes:
        rest: the interface.
        audiences: finds what is there.
        require_allowed: raises what speaks against mapping a segment to a destination.
        onboarding: where objects are created.
        limits: how many there may be.
        place: what the settings call the connection.
    """

    rest: AudienceManagerRest
    audiences: Audiences
    require_allowed: Callable[[Segment, int], Awaitable[None]]
    onboarding: OnboardingSettings | None
    limits: LimitSettings
    place: str

    async def create(self, code: str, title: str, now: datetime) -> Objects:
        """Creates the audience of an integration code, or answers the one that is there.

        Raises ConfigError if no data source is set, Permanent for a name that cannot be or an organisation that is
        full, and what a call raises.
        """
        onboarding = self.onboarding
        if onboarding is None:
            raise ConfigError(
                "found no data source to create audiences in",
                place=f"{self.place}.onboarding.data_source_id",
                remedy="Set it, or share to a trait that is there.",
            )
        if not may_be_code(code) or len(title) > _LONGEST_NAME:
            raise Permanent(
                f"the name cannot be an integration code, or its title has more than {_LONGEST_NAME} characters",
                place=f"audiences/{code}",
                remedy="Names like `trait-1` are those of existing objects; take another one.",
            )
        trait = await self.audiences.trait_of_code(code) or await self._trait(onboarding, code, title or code)
        segment = await self.audiences.segment_of_code(code) or await self._segment(
            onboarding, code, title or code, trait
        )
        if onboarding.destination_id:
            await self._map(onboarding.destination_id, segment, now)
        return Objects(trait, segment)

    async def _trait(self, onboarding: OnboardingSettings, code: str, title: str) -> Trait:
        await self._require_room("traits", await self.rest.traits.count(), self.limits.traits)
        values = {
            "name": title,
            "traitType": TraitType.ONBOARDED.value,
            "dataSourceId": onboarding.data_source_id,
            "folderId": onboarding.trait_folder_id,
            "integrationCode": code,
            "ttl": onboarding.trait_ttl_days,
        }
        try:
            return await self.rest.traits.create(values)
        except Conflict:
            if (found := await self.audiences.trait_of_code(code)) is not None:  # somebody was faster
                return found
            raise

    async def _segment(self, onboarding: OnboardingSettings, code: str, title: str, trait: Trait) -> Segment:
        await self._require_room("segments", await self.rest.segments.count(), self.limits.segments)
        rule = onboarding.merge_rule_data_source_id
        values = {
            "name": title,
            "segmentRule": f"{trait.id}T",
            "dataSourceId": onboarding.data_source_id,
            "folderId": onboarding.segment_folder_id,
            "integrationCode": code,
        } | ({"mergeRuleDataSourceId": rule} if rule else {})
        try:
            return await self.rest.segments.create(values)
        except Conflict:
            if (found := await self.audiences.segment_of_code(code)) is not None:
                return found
            raise

    async def _map(self, destination: int, segment: Segment, now: datetime) -> None:
        mappings = self.rest.mappings(destination)
        if any([mapping.segment_id == segment.id async for mapping in mappings.all()]):
            return
        await self.require_allowed(segment, destination)
        await mappings.create(segment.id, f"{now:%Y-%m-%d}")

    async def _require_room(self, what: str, there: int, most: int) -> None:
        if there >= most:
            raise Permanent(
                f"there are {there} {what}, and an organisation may have {most}",
                place=f"{self.rest.place}/{what}",
                remedy="Delete some that are not needed; `limits` of the connection holds what is allowed.",
            )
