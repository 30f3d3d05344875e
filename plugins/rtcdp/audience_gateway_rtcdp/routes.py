"""Holds the two ways to Campaign apart: an audience that goes by both would be imported twice (rtcdp 9)."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass

from audience_gateway.sdk import ConfigError, DataSource, Permanent

from audience_gateway_rtcdp.audiences import PlatformAudience
from audience_gateway_rtcdp.flow_service import FlowService
from audience_gateway_rtcdp.route_settings import RouteSettings
from audience_gateway_rtcdp.selectors import selectors_of


@dataclass(frozen=True, slots=True)
class Routes:
    """Looks at settings, at the ids, and at what the platform activates.

    Attributes:
        flows: the flow service.
        settings: which way audiences go.
        place: what the settings call it.
    """

    flows: FlowService
    settings: RouteSettings
    place: str

    def leads_to_campaign(self, destination: str) -> bool:
        """Whether `connections/{connection}/audiences/{audience}` is Campaign's."""
        return destination.split("/")[1] in self.settings.campaign_connections

    async def require_files(self, name: str, audience: PlatformAudience, source: DataSource) -> None:
        """Raises ConfigError or Permanent, with the reason, where files are not the way of an audience to Campaign.

        Args:
            name: what the gateway calls the audience.
            audience: the audience.
            source: data source of the ids that are wanted.

        Raises what a call raises, too.
        """
        if self.settings.audiences.get(name, self.settings.default) == "audience_manager":
            raise ConfigError(
                "this audience goes to Campaign by Audience Manager, and would be imported twice",
                place=f"{self.place}.audiences.{name}",
                remedy="Share it from the connection to Audience Manager, or set its way to `files`.",
            )
        if source.id_type in self.settings.visitor_id_types:
            raise ConfigError(
                "files to Campaign bear Declared IDs; Visitor IDs go by Audience Manager",
                place=f"data_sources.{source.name}.id_type",
                remedy="Share with a data source of Declared IDs, or share from the connection to Audience Manager.",
            )
        if flow := await self._flow_to_audience_manager(audience):
            raise Permanent(
                f"the audience goes to Audience Manager, too, by the flow `{flow}`, and would be imported twice",
                place=f"{self.flows.platform.place} {audience.name}",
                remedy=f"Take it out of that flow, or set `{self.place}.audiences.{name}` to `audience_manager`.",
            )

    async def _flow_to_audience_manager(self, audience: PlatformAudience) -> str:
        """Name of a flow that activates the audience to Audience Manager and is enabled; empty if there is none."""
        wanted = self.settings.audience_manager_destination.lower()
        specs = {
            str(each.get("id", ""))
            async for each in self.flows.all("connectionSpecs")
            if str(each.get("name", "")).lower() == wanted
        }
        if not specs:
            return ""
        async with aclosing(self.flows.all("flows")) as flows:
            async for flow in flows:
                disabled = str(flow.get("state", "enabled")).lower() == "disabled"
                if disabled or audience.id not in selectors_of(flow):
                    continue
                for target in flow.get("targetConnectionIds") or []:
                    spec = (await self.flows.get("targetConnections", str(target))).get("connectionSpec")
                    if isinstance(spec, dict) and str(spec.get("id", "")) in specs:
                        return str(flow.get("name") or flow.get("id"))
        return ""
