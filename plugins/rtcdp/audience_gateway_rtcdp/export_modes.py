"""Whether exports are what the settings say: full, or changes (rtcdp 6.7). Only the flow that makes them knows."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.sdk import ConfigError

from audience_gateway_rtcdp.files.file_settings import FileSettings
from audience_gateway_rtcdp.flow_service import FlowService
from audience_gateway_rtcdp.selectors import selectors_of, start_of

_INCREMENTAL = "FIRST_FULL_THEN_INCREMENTAL"


@dataclass(frozen=True, slots=True)
class ExportModes:
    """Compares settings with a flow. Raises what a call raises, too.

    Attributes:
        flows: the flow service.
        flow: name of the flow that the audiences are activated to.
        settings: of the files.
    """

    flows: FlowService
    flow: str
    settings: FileSettings

    async def require(self, audience: str) -> None:
        """Raises ConfigError if changes would be taken for all members, or all members for changes.

        A flow that is not there, or does not export the audience, is the business of others; so is the status, which
        may be mapped in several ways, and is looked for in the files.
        """
        shown = await self.flows.find("flows", self.flow)
        selector = selectors_of(shown).get(audience) if shown else None
        if selector is None:
            return
        exports_changes = str(selector.get("exportMode", "")).upper() == _INCREMENTAL
        place, configured = f"settings.files.incremental.{audience}", self.settings.has_changes(audience)
        if exports_changes and not configured:
            raise ConfigError(
                f"the flow `{self.flow}` exports only changes of this audience after the first, full export",
                place=place,
                remedy="Set it to the time in the name of that first export, or have the audience exported in full.",
            )
        first, began = self.settings.first_export(audience), start_of(selector)
        if first is not None and began is not None and first < began:
            raise ConfigError(
                f"the flow `{self.flow}` exports this audience anew since {began:%Y-%m-%d %H:%M} UTC: changes from"
                " before that do not lead to those after it",
                place=place,
                remedy="Set it to the time in the name of the first, full export since.",
            )
        if configured and not exports_changes:
            raise ConfigError(
                f"the flow `{self.flow}` exports this audience in full, so that no file tells who has left",
                place=place,
                remedy="Take the audience out of `files.incremental` and `files.changes_only`.",
            )
