"""What may leave Audience Manager: Data Export Controls, mappings, and merge rules (audience-manager 7, 9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from audience_gateway.sdk import ConfigError, DataSource, Permanent
from audience_gateway.sdk.audience_manager.rest import (
    AudienceManagerRest,
    DataSourceObject,
    Destination,
    Segment,
    Trait,
)

from audience_gateway_audience_manager.object_settings import FieldSettings


class Exporting(Enum):
    """Whether a merge rule lets people out who are not logged in just now."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Exports:
    """Says what may leave, and looks up each data source once. Every method raises what a call raises.

    Attributes:
        rest: the interface.
        fields: names that Adobe does not document.
    """

    rest: AudienceManagerRest
    fields: FieldSettings
    _known: dict[int, DataSourceObject | None] = field(default_factory=dict, repr=False)

    async def require_allowed(self, segment: Segment, destination: int) -> None:
        """Raises Permanent if a Data Export Control keeps a segment from a destination, or there is none."""
        found = await self.rest.destinations.find(destination)
        if found is None:
            raise Permanent(
                f"there is no destination {destination}",
                place=f"{self.rest.place}/destinations",
                remedy="Check the id, and that the account may see it.",
            )
        if controls := await self.controls(segment, found):
            raise blocked(segment, found, controls)

    async def controls(self, segment: Segment, destination: Destination) -> frozenset[str]:
        """The Data Export Controls that meet a label of the destination; none: the segment may go there.

        Controls count of the data sources of the segment's traits, of its merge rule and of the data sources in that;
        those of the segment's own data source do not.
        """
        labels = _texts(destination.told(self.fields.destination_labels))
        if not labels:
            return frozenset()
        restricted: frozenset[str] = frozenset()
        for data_source in await self._data_sources(segment):
            found = await self._data_source(data_source)
            restricted |= _texts(found.data_export_restrictions) if found else frozenset()
        return restricted & labels

    async def exporting(self, segment: Segment, declared: int) -> Exporting:
        """Whether Declared IDs of a data source are exported for a segment, by its merge rule."""
        number = segment.merge_rule_data_source_id
        if number in self.fields.last_authenticated_rules:
            return Exporting.YES
        if not number:
            return Exporting.NO
        rule = await self._data_source(number)
        option = rule.told(self.fields.merge_rule_option) if rule else None
        if rule is None or not isinstance(option, str):
            return Exporting.UNKNOWN
        included = self._included(rule)
        last = option.upper() in self.fields.last_authenticated and (not included or declared in included)
        return Exporting.YES if last else Exporting.NO

    async def require_mapped(self, segment: Segment, source: DataSource) -> None:
        """Raises Permanent if the data source's destination is not sent a segment: then nobody would be read."""
        if not source.aam_destination_id:
            return  # reading says that it is missing
        mappings = self.rest.mappings(source.aam_destination_id)
        mapped = [mapping async for mapping in mappings.all() if mapping.segment_id == segment.id]
        if not any(mapping.is_active for mapping in mapped):
            raise Permanent(
                f"segment {segment.id} is not mapped to destination {source.aam_destination_id}, so nobody is exported",
                place=f"data_sources.{source.name}.aam_destination_id",
                remedy="Map the segment to the destination in Audience Manager, and wait a day for its next files.",
            )
        await self.require_allowed(segment, source.aam_destination_id)

    async def destinations_of(self, trait: Trait) -> list[tuple[Segment, Destination]]:
        """The segments whose rule names a trait, each with every destination that is sent it."""
        found = []
        async for segment in self.rest.segments.all([("containsTrait", str(trait.id))]):
            if trait.id not in segment.traits:
                continue
            listed = [each.id async for each in self.rest.destinations.all([("containsSegment", str(segment.id))])]
            destinations = [await self.rest.destinations.find(each) for each in listed]
            found += [(segment, each) for each in destinations if each is not None]
        return found

    async def _data_sources(self, segment: Segment) -> frozenset[int]:
        numbers = set(segment.trait_data_source_ids)
        if not numbers:
            for number in segment.traits:
                trait = await self.rest.traits.find(number)
                numbers |= {trait.data_source_id} if trait else set()
        rule = segment.merge_rule_data_source_id
        if rule and (found := await self._data_source(rule)) is not None:
            numbers |= {rule} | self._included(found)
        return frozenset(numbers)

    async def _data_source(self, number: int) -> DataSourceObject | None:
        if number not in self._known:
            self._known[number] = await self.rest.data_sources.find(number)
        return self._known[number]

    def _included(self, rule: DataSourceObject) -> frozenset[int]:
        included = rule.told(self.fields.merge_rule_sources)
        return (
            frozenset(each for each in included if isinstance(each, int)) if isinstance(included, list) else frozenset()
        )


def blocked(segment: Segment, destination: Destination, controls: frozenset[str]) -> ConfigError:
    """What is said of a segment that a Data Export Control keeps from a destination."""
    names = ", ".join(sorted(controls))
    return ConfigError(
        f"Data Export Controls ({names}) keep segment {segment.id} from destination {destination.id}",
        place=f"destinations/{destination.id}",
        remedy="Take the control off the traits' data source or the label off the destination, whichever is wrong.",
    )


def _texts(values: object) -> frozenset[str]:
    if not isinstance(values, list | tuple):
        return frozenset()
    return frozenset(value.upper() for value in values if isinstance(value, str))
