"""Writes members by streaming collection: they are a field of their profiles (rtcdp 5)."""

from __future__ import annotations

import asyncio

import pyarrow.compute as pc
from audience_gateway.sdk import ConfigError, Context, DataSource, GatewayError, Refusal, WriteRequest, WriteResult
from audience_gateway.sdk.rest import Caller, RestInterface

from audience_gateway_rtcdp.collection import Collection
from audience_gateway_rtcdp.identity_rules import is_skipped, rule_of
from audience_gateway_rtcdp.messages import Records, calls_of
from audience_gateway_rtcdp.namespaces import namespace_of, require_namespace
from audience_gateway_rtcdp.platform import Platform
from audience_gateway_rtcdp.settings import RtcdpSettings
from audience_gateway_rtcdp.streaming_settings import StreamingSettings


class Streaming:
    """Writes members by streaming collection. A rule over the field makes an audience of them.

    Args:
        settings: of the connection.
        streaming: of streaming collection.
        platform: the sandbox.
        context: the gateway's side.
    """

    def __init__(
        self, settings: RtcdpSettings, streaming: StreamingSettings, platform: Platform, context: Context
    ) -> None:
        self._streaming = streaming
        self._platform = platform
        self._place = f"connections.{context.name}.settings.streaming"
        interface = RestInterface(
            system="Streaming collection",
            url=streaming.url.rstrip("/"),
            credentials=settings.credentials if streaming.authenticated else "",
            timeout_seconds=streaming.timeout_seconds,
            headers={"x-sandbox-name": settings.sandbox},
        )
        self._collection = Collection(Caller(interface, context), streaming.inlet)

    async def require(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError if members cannot be written, and what a call raises."""
        if not audience.replace("_", "").isalnum():
            raise ConfigError(
                "the audience is a name in a schema", place=f"audiences/{audience}", remedy="Use letters and digits."
            )
        if not self._platform.caller.org_id:
            raise ConfigError(
                "found no organisation, which records name",
                place=f"{self._platform.caller.interface.account}.org_id",
                remedy="Set it to the one in use.",
            )
        code = namespace_of(self._streaming.namespaces, source, self._place)
        await require_namespace(self._platform, code, self._place)

    async def write(self, request: WriteRequest, *, is_member: bool) -> WriteResult:
        """Says of each member whether it is one; ids that the platform would skip are refused."""
        namespace = namespace_of(self._streaming.namespaces, request.source, self._place)
        targets = request.batch.targets
        skipped = is_skipped(targets, namespace)
        detail = f"The platform would skip the id: {rule_of(namespace)}."
        refused = [Refusal(index, "ID_SKIPPED", detail) for index in pc.indices_nonzero(skipped).to_pylist()]
        positions = pc.indices_nonzero(pc.invert(skipped)).to_pylist()
        records = Records(self._streaming, self._platform.caller.org_id, namespace, request.audience, is_member)
        taken = targets.filter(pc.invert(skipped)).to_pylist()
        messages = await asyncio.to_thread(lambda: [records.of(id_) for id_ in taken])
        sent = 0
        for call in calls_of(messages, self._streaming.most_messages, self._streaming.request_bytes):
            try:
                answered = await self._collection.send(call)
            except GatewayError as error:
                error.sent = error.sent or sent > 0  # earlier calls of the same write have arrived
                raise
            refused += [Refusal(positions[sent + each.index], each.code, each.detail) for each in answered]
            sent += len(call)
        return WriteResult(len(targets) - len(refused), tuple(sorted(refused, key=lambda each: each.index)))
