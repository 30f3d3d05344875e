"""Activates audiences to a file destination: what is missing is made, and a second time changes nothing (rtcdp 6.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from audience_gateway.sdk import ConfigError, Permanent

from audience_gateway_rtcdp.activation_settings import ActivationSettings
from audience_gateway_rtcdp.audiences import PlatformAudience
from audience_gateway_rtcdp.flow_service import FlowService, Step
from audience_gateway_rtcdp.platform import Object
from audience_gateway_rtcdp.selectors import STATUS_FIELD, field_selector, selectors_of, steps_to

_PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
_UPLOAD = "custom_upload"


@dataclass(frozen=True, slots=True)
class Activation:
    """Sets a flow up. Every method raises what a call raises.

    Attributes:
        flows: the flow service.
        settings: of the destination.
        place: what the settings call it.
    """

    flows: FlowService
    settings: ActivationSettings
    place: str

    async def is_active(self, audience: PlatformAudience) -> bool:
        """Whether the flow is there and exports the audience."""
        flow = await self.flows.find("flows", self.settings.name)
        return flow is not None and audience.id in selectors_of(flow)

    async def require(self, audience: PlatformAudience, now: datetime) -> None:
        """Has the audience activated, or raises Permanent where that is left to people and has not been done."""
        if self.settings.set_up:
            await self.set_up(audience, now)
        elif not await self.is_active(audience):
            raise Permanent(
                f"the audience is not activated by the flow `{self.settings.name}`",
                place=f"{self.flows.platform.place} {audience.name}",
                remedy=f"Activate it in Experience Platform, or set `{self.place}.set_up`.",
            )

    async def set_up(self, audience: PlatformAudience, now: datetime) -> bool:
        """Makes what is missing, and activates the audience. Answers whether the flow was changed.

        Raises ConfigError or Permanent where the platform would not take it.
        """
        flow = await self._flow()
        wanted = self._selector(audience, now)
        fields = [field_selector(path) for path in dict.fromkeys([*self.settings.fields, STATUS_FIELD])]

        def steps(shown: Object) -> Sequence[Step]:
            self._require_room(shown, audience)
            return steps_to(shown, wanted, fields)

        return await self.flows.change("flows", flow, steps)

    async def _flow(self) -> str:
        """The flow, with all that it stands on; each part is known by its name."""
        settings = self.settings
        found = await self.flows.find("flows", settings.name)
        if found is not None:
            return str(found["id"])
        spec = {"id": settings.connection_spec, "version": "1.0"}
        auth = {name: secret.reveal() for name, secret in settings.auth.items()}
        base = await self.flows.ensure(
            "connections",
            settings.name,
            {"auth": {"specName": settings.auth_spec, "params": auth}, "connectionSpec": spec},
        )
        store = {"connectionSpec": {"id": _PROFILE_STORE, "version": "1.0"}, "data": {"format": "CSV"}, "params": {}}
        source = await self.flows.ensure("sourceConnections", settings.name, store)
        target = await self.flows.ensure(
            "targetConnections",
            settings.name,
            {"baseConnectionId": base, "connectionSpec": spec, "data": {}, "params": dict(settings.target)},
        )
        return await self.flows.ensure("flows", settings.name, await self._empty_flow(source, target))

    async def _empty_flow(self, source: str, target: str) -> Mapping[str, Any]:
        selectors: Mapping[str, Any] = {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}}
        return {
            "flowSpec": {"id": await self._flow_spec(), "version": "1.0"},
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [{"name": "GeneralTransform", "params": selectors}],
        }

    async def _flow_spec(self) -> str:
        """The id of the kind of flow; that of Adobe Campaign is not published, so it is looked up by its name."""
        wanted = self.settings.flow_spec.lower()
        async for spec in self.flows.all("flowSpecs"):
            if wanted in {str(spec.get("id", "")).lower(), str(spec.get("name", "")).lower()}:
                return str(spec["id"])
        raise ConfigError(
            f"Experience Platform knows no kind of flow `{self.settings.flow_spec}`",
            place=f"{self.place}.flow_spec",
            remedy="Set it to the name or the id of one that `GET /flowSpecs` lists.",
        )

    def _selector(self, audience: PlatformAudience, now: datetime) -> Mapping[str, Any]:
        # The platform wants a start that is an hour ahead; the first one counts, and stays.
        schedule = {
            "frequency": self.settings.frequency,
            "triggerType": "SCHEDULED",
            "startDate": (now + timedelta(days=1)).date().isoformat(),
            "startTime": self.settings.start_time,
        }
        value: dict[str, Any] = {
            "id": audience.id,
            "name": audience.name,
            "filenameTemplate": self.settings.file_name,
            "exportMode": self.settings.export_mode,
            "schedule": schedule,
        }
        if audience.is_external:
            value |= {"systemSegmentId": audience.id, "namespace": audience.namespace}
        return value

    def _require_room(self, flow: Object, audience: PlatformAudience) -> None:
        there = selectors_of(flow)
        if audience.id in there:
            return
        uploads = sum(str(value.get("namespace", "")).lower() == audience.namespace.lower() for value in there.values())
        full = len(there) >= self.settings.most_audiences
        if full or (audience.origin.lower() == _UPLOAD and uploads >= self.settings.most_uploads):
            raise Permanent(
                f"the flow `{self.settings.name}` exports as many audiences as it may",
                place=f"{self.flows.platform.place} {audience.name}",
                remedy="Take audiences out of it, or configure another connection with a flow of its own.",
            )
