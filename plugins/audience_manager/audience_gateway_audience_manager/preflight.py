"""What `check` says of an organisation before anybody misses somebody (audience-manager 10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import Diagnostic, GatewayError, Severity
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, DataSourceObject
from audience_gateway.sdk.audience_manager.rest.integration_codes import code_findings

from audience_gateway_audience_manager.exports import Exports
from audience_gateway_audience_manager.findings import finding
from audience_gateway_audience_manager.preflight_destinations import DestinationPreflight
from audience_gateway_audience_manager.preflight_inbound import InboundPreflight
from audience_gateway_audience_manager.settings import AudienceManagerSettings

Sources = Mapping[int, DataSourceObject]

_CODE = "preflight.campaign_integration_code"


@dataclass(frozen=True, slots=True)
class Preflight:
    """Looks at data sources, limits and destinations.

    Attributes:
        rest: the interface.
        exports: says what may leave.
        settings: of the connection.
        now: the time, in UTC.
    """

    rest: AudienceManagerRest
    exports: Exports
    settings: AudienceManagerSettings
    now: datetime

    async def findings(self) -> list[Diagnostic]:
        """All findings. Raises what a call raises, but for what concerns one part only."""
        sources = {each.id: each async for each in self.rest.data_sources.all()}
        found = [
            *self._onboarding(sources),
            *code_findings(sources.values(), self.settings.preflight.campaign_integration_code, _CODE),
        ]
        parts: Mapping[str, Callable[[], Awaitable[list[Diagnostic]]]] = {
            "limits": self._limits,
            "inbound": InboundPreflight(self.rest, self.settings.preflight, sources, self.now).findings,
            "destinations": DestinationPreflight(self.rest, self.exports, self.settings, sources, self.now).findings,
        }
        for path, part in parts.items():
            try:
                found += await part()
            except GatewayError as error:
                found.append(finding(error, path, Severity.WARNING))
        return found

    def _onboarding(self, sources: Sources) -> list[Diagnostic]:
        onboarding, path = self.settings.onboarding, "onboarding.data_source_id"
        if onboarding is None:
            return []
        source = sources.get(onboarding.data_source_id)
        if source is None:
            summary = f"Audience Manager has no data source {onboarding.data_source_id}."
            return [Diagnostic(Severity.ERROR, summary, path, "Set it to the id of a data source of your own.")]
        if self.settings.inbound is not None and not source.inbound_s2s:
            remedy = "Switch on Inbound for it in Audience Manager, under Data Sources."
            return [Diagnostic(Severity.WARNING, f"Data source {source.id} takes no files.", path, remedy)]
        return []

    async def _limits(self) -> list[Diagnostic]:
        found = []
        for name, resource, most in (
            ("traits", self.rest.traits, self.settings.limits.traits),
            ("segments", self.rest.segments, self.settings.limits.segments),
        ):
            if (there := await resource.count()) >= most:
                summary = f"There are {there:,} {name}, and an organisation may have {most:,}."
                remedy = "Delete some that are not needed: no audience can be created."
                found.append(Diagnostic(Severity.WARNING, summary, f"limits.{name}", remedy))
        return found
