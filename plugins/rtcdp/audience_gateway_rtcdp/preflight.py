"""Looks for what keeps members from arriving, before a share finds out (rtcdp 1.7, 6, 8.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from audience_gateway.sdk import Bucket, Diagnostic, GatewayError, PushedMembers, Severity
from audience_gateway.sdk.rest import NotFound

from audience_gateway_rtcdp.export_runs import exports_of
from audience_gateway_rtcdp.external_settings import ExternalSettings
from audience_gateway_rtcdp.findings import finding
from audience_gateway_rtcdp.flow_service import FlowService
from audience_gateway_rtcdp.platform import Object
from audience_gateway_rtcdp.policies import Policies
from audience_gateway_rtcdp.selectors import STATUS_FIELD, fields_of
from audience_gateway_rtcdp.settings import RtcdpSettings

_ANY_LABEL = "C1"


@dataclass(frozen=True, slots=True)
class Preflight:
    """Tries each part of a connection. Nothing is written.

    Attributes:
        settings: of the connection.
        policies: the policy service.
        flows: the flow service.
        bucket: opens the bucket of external audiences.
        pushed: what a streaming destination has pushed.
    """

    settings: RtcdpSettings
    policies: Policies
    flows: FlowService
    bucket: Callable[[ExternalSettings], Bucket]
    pushed: PushedMembers

    def parts(self, namespaces: Sequence[Object]) -> Mapping[str, Callable[[], Awaitable[list[Diagnostic]]]]:
        """What is tried, by the settings that it is about."""

        async def external() -> list[Diagnostic]:
            return await self._external(namespaces)

        return {
            "external": external,
            "governance": self._governance,
            "activation": self._activation,
            "receiver": self._receiver,
        }

    async def _external(self, namespaces: Sequence[Object]) -> list[Diagnostic]:
        external = self.settings.external
        if external is None:
            remedy = "Set it to a bucket that Experience Platform reads from, if audiences are to be written."
            return [Diagnostic(Severity.INFO, "There is no bucket to write members to.", "external.bucket", remedy)]
        known = {str(each.get("code", "")).lower() for each in namespaces}
        found = [
            Diagnostic(
                Severity.ERROR,
                f"Experience Platform has no identity namespace `{code}`.",
                f"external.namespaces.{name}",
                "Set the code that Identities show in Experience Platform, or create the namespace.",
            )
            for name, code in external.namespaces.items()
            if code.lower() not in known
        ]
        return [*found, *await self._bucket(external), *await self._base_connection(external)]

    async def _bucket(self, external: ExternalSettings) -> list[Diagnostic]:
        try:
            async for _ in self.bucket(external).list(external.prefix):
                break
        except GatewayError as error:
            return [finding(error, "external.bucket")]
        return []

    async def _base_connection(self, external: ExternalSettings) -> list[Diagnostic]:
        if not external.base_connection_id:
            return []
        path = "external.base_connection_id"
        remedy = "Set it to the id of the source connection that opens the bucket for Experience Platform."
        try:
            shown = await self.flows.get("connections", external.base_connection_id)
        except NotFound:
            return [Diagnostic(Severity.ERROR, "The flow service has no such connection.", path, remedy)]
        if str(shown.get("state", "enabled")).lower() != "enabled":
            return [Diagnostic(Severity.WARNING, "The connection is not enabled.", path, "Enable it.")]
        return []

    async def _governance(self) -> list[Diagnostic]:
        try:
            await self.policies.of_labels([_ANY_LABEL])
        except NotFound:
            summary = f"Experience Platform has no marketing action `{self.policies.action}`."
            remedy = "Set it to `core/` or `custom/` and a name that Policies show in Experience Platform."
            return [Diagnostic(Severity.ERROR, summary, "governance.marketing_action", remedy)]
        return []

    async def _receiver(self) -> list[Diagnostic]:
        if self.settings.receiver is None:
            return []
        counts = await self.pushed.counts()
        total = sum(counts.values())
        if not total:
            remedy = "Have the streaming destination push to `/pushes/CONNECTION` at the address of `[receiver]`."
            return [Diagnostic(Severity.WARNING, "Nothing was pushed yet.", "receiver", remedy)]
        listed = ", ".join(f"{count} {fate.value.replace('_', ' ')}" for fate, count in counts.items() if count)
        remedy = "Look at the destination's mapping if many rows are unmapped, malformed or without id."
        return [Diagnostic(Severity.INFO, f"Of {total} rows that were pushed: {listed}.", "receiver", remedy)]

    async def _activation(self) -> list[Diagnostic]:
        activation = self.settings.activation
        if activation is None:
            return []
        flow = await self.flows.find("flows", activation.name)
        if flow is None:
            severity = Severity.INFO if activation.set_up else Severity.WARNING
            summary = f"There is no flow `{activation.name}` yet."
            remedy = "Share an audience to Campaign: it is made." if activation.set_up else "Make it, or set `set_up`."
            return [Diagnostic(severity, summary, "activation.name", remedy)]
        found = []
        if str(flow.get("state", "enabled")).lower() == "disabled":
            remedy = "Enable it in Experience Platform: it exports nothing."
            found.append(Diagnostic(Severity.ERROR, "The flow is disabled.", "activation.name", remedy))
        if STATUS_FIELD not in fields_of(flow) and not any("status" in each for each in fields_of(flow)):
            summary = "The flow does not export the status of members: who leaves is never told by incremental files."
            remedy = f"Map `{STATUS_FIELD}`."
            found.append(Diagnostic(Severity.WARNING, summary, "activation.fields", remedy))
        return found + [told async for told in exports_of(self.flows, flow)]
