"""The Audience Library: segments of Audience Manager, each with the onboarded trait behind it (people-and-ids 7.2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import Context
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, Segment, Trait, caller_of
from audience_gateway.sdk.audience_manager.rest.audiences import WITH_DETAILS, WITH_METRICS, Audiences, may_be_code
from audience_gateway.sdk.audience_manager.rest.creation import Creation

from audience_gateway_people.library_settings import LibrarySettings

_ONE_TRAIT = re.compile(r"\s*\(?\s*([0-9]+)T\s*\)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SharedAudience:
    """A shared audience.

    Attributes:
        name: its id within the connection: the integration code that it was created under, or `segment-24`.
        segment: what members are read from.
        trait: what members are given; None if the segment is not that of one onboarded trait.
        origin: name of the segment's data source: who shares it.
    """

    name: str
    segment: Segment
    trait: Trait | None
    origin: str


class Library:
    """The library of one organisation. Every method raises what a call raises.

    Args:
        settings: of the connection.
        context: the gateway's side.
    """

    def __init__(self, settings: LibrarySettings, context: Context) -> None:
        self.settings = settings
        self._place = f"connections.{context.name}.settings.library"
        caller = caller_of(settings.url, context, settings.credentials, settings.timeout_seconds)
        self.rest = AudienceManagerRest(caller, settings.page_size, settings.history)
        self._own = settings.onboarding.data_source_id if settings.onboarding else 0
        self._audiences = Audiences(self.rest, self._own)

    async def all(self) -> Sequence[SharedAudience]:
        """All shared audiences, in no order."""
        listed = self.settings.listed_data_sources
        filters = [("dataSourceId", str(each)) for each in listed]
        async with aclosing(self.rest.segments.all([*filters, *WITH_METRICS])) as found:
            segments = [each async for each in found if not listed or each.data_source_id in listed]
        traits = await self._traits_behind(segments)
        origins = await self._origins()
        codes = Counter(segment.integration_code for segment in segments if self._has_code(segment))
        return [
            SharedAudience(
                segment.integration_code if codes[segment.integration_code] == 1 else f"segment-{segment.id}",
                segment,
                traits.get(_trait_of(segment)),
                origins.get(segment.data_source_id, ""),
            )
            for segment in segments
        ]

    async def find(self, name: str) -> SharedAudience | None:
        """One shared audience by its id; None if there is none."""
        found = await self._audiences.find(name)
        return None if found is None or found.segment is None else await self._shared(name, found.segment)

    async def of_segment(self, segment: int) -> SharedAudience | None:
        """One shared audience by the number of its segment; None if there is none."""
        return await self.find(f"segment-{segment}")

    async def trait(self, number: int) -> Trait | None:
        """A trait by its number; None if there is none, or it is not onboarded."""
        found = await self.rest.traits.find(number, WITH_METRICS)
        return found if found is not None and found.is_onboarded else None

    async def create(self, code: str, title: str, now: datetime) -> SharedAudience:
        """Creates an audience, or answers the one that is there. Raises ConfigError if no data source is set for it."""
        creation = Creation(
            self.rest, self._audiences, _allow, self.settings.onboarding, self.settings.limits, self._place
        )
        objects = await creation.create(code, title, now)
        if objects.segment is None:
            raise TypeError("an audience was created without a segment")
        return await self._shared(code, objects.segment)

    async def _shared(self, name: str, segment: Segment) -> SharedAudience:
        source = await self.rest.data_sources.find(segment.data_source_id) if segment.data_source_id else None
        behind = _trait_of(segment)
        trait = await self.trait(behind) if behind else None
        return SharedAudience(name, segment, trait, source.name if source else "")

    async def _traits_behind(self, segments: Sequence[Segment]) -> Mapping[int, Trait]:
        wanted = {behind: segment.data_source_id for segment in segments if (behind := _trait_of(segment))}
        filters = [("dataSourceId", str(each)) for each in sorted(set(wanted.values()))]
        found: dict[int, Trait] = {}
        if wanted:
            async with aclosing(self.rest.traits.all([*filters, *WITH_DETAILS])) as traits:
                found = {trait.id: trait async for trait in traits if trait.id in wanted and trait.is_onboarded}
        for number in wanted.keys() - found.keys():  # of a trait in another data source than its segment
            if (trait := await self.trait(number)) is not None:
                found[number] = trait
        return found

    async def _origins(self) -> Mapping[int, str]:
        async with aclosing(self.rest.data_sources.all()) as sources:
            return {source.id: source.name async for source in sources}

    def _has_code(self, segment: Segment) -> bool:
        return bool(self._own) and segment.data_source_id == self._own and may_be_code(segment.integration_code)


def _trait_of(segment: Segment) -> int:
    """The one trait that a segment's rule consists of; 0 if it is another rule."""
    match = _ONE_TRAIT.fullmatch(segment.segment_rule)
    return int(match[1]) if match else 0


async def _allow(segment: Segment, destination: int) -> None:
    """Lets Audience Manager itself refuse a mapping that its export controls block."""
