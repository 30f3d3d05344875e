"""What `check` says of destinations: whom they get, and whom they do not (audience-manager 7, 9, 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway.sdk import Diagnostic, Severity
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, DataSourceObject, Destination, Segment

from audience_gateway_audience_manager.exports import Exporting, Exports
from audience_gateway_audience_manager.settings import AudienceManagerSettings


@dataclass(frozen=True, slots=True)
class DestinationPreflight:
    """Looks at destinations and at the segments that are mapped to them. Raises what a call raises.

    Attributes:
        rest: the interface.
        exports: says what may leave.
        settings: of the connection.
        sources: the organisation's data sources, by id.
        now: the time, in UTC.
    """

    rest: AudienceManagerRest
    exports: Exports
    settings: AudienceManagerSettings
    sources: Mapping[int, DataSourceObject]
    now: datetime

    async def findings(self) -> list[Diagnostic]:
        """All findings."""
        found: list[Diagnostic] = []
        destinations = await self._destinations()
        if not destinations:
            return found
        with_sources = [("includeTraitDataSourceIds", "true")]
        segments = {segment.id: segment async for segment in self.rest.segments.all(with_sources)}
        for destination in destinations:
            found += await self._destination(destination, segments)
        return found

    async def _destinations(self) -> list[Destination]:
        preflight = self.settings.preflight
        numbers = list(preflight.destinations)
        if not numbers:
            numbers = [each.id async for each in self.rest.destinations.all()][: preflight.most_destinations]
        found = [await self.rest.destinations.find(number) for number in numbers]
        return [each for each in found if each is not None]

    async def _destination(self, destination: Destination, segments: Mapping[int, Segment]) -> list[Diagnostic]:
        mappings = [mapping async for mapping in self.rest.mappings(destination.id).all() if mapping.is_active]
        mapped = [segments[mapping.segment_id] for mapping in mappings if mapping.segment_id in segments]
        source = self.sources.get(destination.data_source_id)
        is_declared = source is not None and source.id_type.upper() in self.settings.undocumented.declared_id_types
        found = []
        for segment in mapped:
            if is_declared:
                found += await self._merge_rule(segment, destination)
            found += await self._controls(segment, destination)
        if mappings and destination.data_source_id:
            found += await self._age(destination)
        return found

    async def _merge_rule(self, segment: Segment, destination: Destination) -> list[Diagnostic]:
        exporting = await self.exports.exporting(segment, destination.data_source_id)
        if exporting is Exporting.YES:
            return []
        says, severity = "exports nobody", Severity.ERROR
        why = f"its merge rule has no Last Authenticated Profiles with data source {destination.data_source_id}"
        if exporting is Exporting.UNKNOWN:
            says, severity = "may export nobody", Severity.WARNING
            why = f"Audience Manager does not tell what merge rule {segment.merge_rule_data_source_id} says"
        return [
            Diagnostic(
                severity,
                f"Segment {segment.id} `{segment.name}` {says} to destination {destination.id}: {why}.",
                _path(destination, segment),
                "Choose a Profile Merge Rule with Last Authenticated Profiles and that data source; the segment is "
                "then counted anew, for 36 to 48 hours. If the rule is right, add it to "
                "`undocumented.last_authenticated_rules`.",
            )
        ]

    async def _controls(self, segment: Segment, destination: Destination) -> list[Diagnostic]:
        controls = ", ".join(sorted(await self.exports.controls(segment, destination)))
        if not controls:
            return []
        return [
            Diagnostic(
                Severity.ERROR,
                f"Data Export Controls ({controls}) keep segment {segment.id} from destination {destination.id},"
                " to which it is mapped.",
                _path(destination, segment),
                "Take the control off the traits' data source or the label off the destination, or end the mapping.",
            )
        ]

    async def _age(self, destination: Destination) -> list[Diagnostic]:
        preflight = self.settings.preflight
        since = self.now - timedelta(days=preflight.history_days)
        history = await self.rest.outbound_history(destination.id, since, self.now)
        times = [time for row in history if not row.failed and (time := row.ended or row.begun)]
        newest = max(times, default=None)
        if newest is not None and self.now - newest <= timedelta(hours=preflight.outbound_age_hours):
            return []
        when = f"for {preflight.history_days:g} days" if newest is None else f"since {newest:%Y-%m-%d %H:%M} UTC"
        return [
            Diagnostic(
                Severity.WARNING,
                f"Destination {destination.id} was sent no file {when}, though segments are mapped to it.",
                f"destinations/{destination.id}",
                "Files go out once a day, about 14:00 UTC, and may be late by a day; after that ask Adobe's support.",
            )
        ]


def _path(destination: Destination, segment: Segment) -> str:
    return f"destinations/{destination.id}/segments/{segment.id}"
