"""What is wrong with the objects behind audiences, as the Audience Library has them (people-and-ids 7, 10)."""

from __future__ import annotations

from audience_gateway.sdk import Diagnostic, Severity
from audience_gateway.sdk.audience_manager.rest.integration_codes import code_findings

from audience_gateway_people.library import Library, SharedAudience
from audience_gateway_people.settings import AudienceSettings, PeopleSettings


async def library_findings(library: Library, settings: PeopleSettings) -> list[Diagnostic]:
    """Find what keeps audiences empty. Raises what a call raises."""
    sources = [source async for source in library.rest.data_sources.all()]
    path = "library.campaign_integration_code"
    found = code_findings(sources, library.settings.campaign_integration_code, path)
    onboarding = library.settings.onboarding
    if onboarding is not None and onboarding.data_source_id not in {source.id for source in sources}:
        summary = f"Audience Manager has no data source {onboarding.data_source_id}."
        remedy = "Set it to the id of a data source of your own."
        found.append(Diagnostic(Severity.ERROR, summary, "library.onboarding.data_source_id", remedy))
    for name, audience in sorted(settings.audiences.items()):
        found += await _of_audience(library, f"audiences.{name}", audience)
    return found


async def _of_audience(library: Library, path: str, audience: AudienceSettings) -> list[Diagnostic]:
    found = []
    if audience.trait_id and await library.trait(audience.trait_id) is None:
        summary = f"Audience Manager has no onboarded trait {audience.trait_id}."
        remedy = "Set it to that of an onboarded trait: members cannot be given any other."
        found.append(Diagnostic(Severity.ERROR, summary, f"{path}.trait_id", remedy))
    if not audience.segment_id:
        return found
    shared = await library.of_segment(audience.segment_id)
    if shared is None:
        summary = f"Audience Manager has no segment {audience.segment_id}."
        found.append(Diagnostic(Severity.ERROR, summary, f"{path}.segment_id", "Set it to the id of a segment."))
        return found
    return [*found, *_of_segment(library, path, audience, shared)]


def _of_segment(library: Library, path: str, audience: AudienceSettings, shared: SharedAudience) -> list[Diagnostic]:
    segment, found = shared.segment, []
    if segment.status.upper() not in {"", "ACTIVE"}:
        summary = f"Segment {segment.id} is not active, so that nobody is in it."
        found.append(Diagnostic(Severity.WARNING, summary, f"{path}.segment_id", "Activate it in Audience Manager."))
    if segment.count(library.settings.populations.segment) == 0:
        summary = f"Segment {segment.id} has no members."
        remedy = (
            "Check that the site syncs Campaign's integration code, and that the merge rule of the segment has Last"
            " Authenticated Profiles with Campaign's data source."
        )
        found.append(Diagnostic(Severity.WARNING, summary, f"{path}.segment_id", remedy))
    if audience.trait_id and audience.trait_id not in segment.traits:
        summary = f"Members are given trait {audience.trait_id}, which the rule of segment {segment.id} does not name."
        remedy = "Name the trait behind the segment, or what is written is never read."
        found.append(Diagnostic(Severity.WARNING, summary, f"{path}.trait_id", remedy))
    return found
