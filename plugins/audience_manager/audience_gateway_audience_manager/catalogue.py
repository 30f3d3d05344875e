"""The audiences of an organisation: its segments, and its onboarded traits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from audience_gateway.sdk import Audience
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, Segment, Trait
from audience_gateway.sdk.audience_manager.rest.audiences import WITH_DETAILS, WITH_METRICS, Objects, may_be_code
from audience_gateway.sdk.audience_manager.rest.object_settings import PopulationSettings

from audience_gateway_audience_manager.settings import AudienceManagerSettings


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Describes audiences.

    Attributes:
        rest: the interface.
        settings: of the connection.
    """

    rest: AudienceManagerRest
    settings: AudienceManagerSettings

    async def all(self) -> AsyncGenerator[Audience, None]:
        """All audiences, ordered by id. Raises what a call raises."""
        filters = [("dataSourceId", str(each)) for each in self.settings.listed_data_sources]
        traits, segments = (
            self.rest.traits.all([*filters, *WITH_DETAILS]),
            self.rest.segments.all([*filters, *WITH_METRICS]),
        )
        async with aclosing(traits), aclosing(segments):
            onboarded = [trait async for trait in traits if trait.is_onboarded and self._is_listed(trait)]
            named = self._named(onboarded, [segment async for segment in segments if self._is_listed(segment)])
        for name, objects in sorted(named.items()):
            yield self.describe(name, objects)

    def describe(self, name: str, objects: Objects) -> Audience:
        """An audience with all that is known of it."""
        trait, segment = objects.trait, objects.segment
        leading = segment or trait
        if leading is None:
            raise ValueError("an audience has a trait or a segment")
        updates = [each.update_time for each in (trait, segment) if each and each.update_time]
        return Audience(
            id=name,
            title=leading.name or name,
            description=_description(objects, self.settings.populations),
            size=_size(objects, self.settings.populations),
            updated=max(updates, default=None),
            readable=segment is not None and self.settings.outbound is not None,
            writable=trait is not None and self.settings.is_written,
        )

    def _is_listed(self, found: Trait | Segment) -> bool:
        listed = self.settings.listed_data_sources
        return not listed or found.data_source_id in listed

    def _named(self, traits: list[Trait], segments: list[Segment]) -> dict[str, Objects]:
        """Objects by the ids of their audiences; those whose integration code is not their own go by number."""
        by_code: dict[str, tuple[list[Trait], list[Segment]]] = defaultdict(lambda: ([], []))
        named: dict[str, Objects] = {}
        for trait in traits:
            if self._has_code(trait):
                by_code[trait.integration_code][0].append(trait)
            else:
                named[f"trait-{trait.id}"] = Objects(trait=trait)
        for segment in segments:
            if self._has_code(segment):
                by_code[segment.integration_code][1].append(segment)
            else:
                named[f"segment-{segment.id}"] = Objects(segment=segment)
        for code, (of_traits, of_segments) in by_code.items():
            if len(of_traits) <= 1 and len(of_segments) <= 1:
                named[code] = Objects(next(iter(of_traits), None), next(iter(of_segments), None))
                continue
            named |= {f"trait-{trait.id}": Objects(trait=trait) for trait in of_traits}
            named |= {f"segment-{segment.id}": Objects(segment=segment) for segment in of_segments}
        return named

    def _has_code(self, found: Trait | Segment) -> bool:
        onboarding = self.settings.onboarding
        own = onboarding is not None and found.data_source_id == onboarding.data_source_id
        return own and may_be_code(found.integration_code)


def _size(objects: Objects, names: PopulationSettings) -> int | None:
    if objects.segment is not None:
        return objects.segment.count(names.segment)
    return objects.trait.count(names.trait) if objects.trait else None


def _description(objects: Objects, names: PopulationSettings) -> str:
    """What the system says, what the audience is, and its populations, which mean different things."""
    trait, segment = objects.trait, objects.segment
    parts = []
    if segment is not None:
        counts = _counts(
            (("in all", segment.count(names.segment)), ("in real time", segment.count(names.segment_real_time)))
        )
        parts.append(f"Segment {segment.id} of data source {segment.data_source_id}{counts}.")
    if trait is not None:
        counts = _counts((("with it", trait.count(names.trait)),))
        parts.append(f"Onboarded trait {trait.id} of data source {trait.data_source_id}{counts}.")
    said = (segment and segment.description) or (trait and trait.description)
    return " ".join([*([said] if said else []), *parts])


def _counts(told: tuple[tuple[str, int | None], ...]) -> str:
    known = [f"{count:,} {meaning}" for meaning, count in told if count is not None]
    return f", {', '.join(known)}" if known else ""
