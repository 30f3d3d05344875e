"""The gRPC server, put together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from audience_gateway.api.audiences import AudienceServicer
from audience_gateway.api.connectors import ConnectorServicer
from audience_gateway.api.creating import Creating
from audience_gateway.api.identities import IdentityServicer
from audience_gateway.api.member_reading import MemberReading
from audience_gateway.api.member_writing import MemberWriting
from audience_gateway.api.paging import PageTokens
from audience_gateway.api.revealing import Revealing
from audience_gateway.api.schedules import ScheduleServicer
from audience_gateway.api.transfers import TransferServicer
from audience_gateway.sdk import ConfigError
from audience_gateway.server.audit import note_creation, reveals_noted
from audience_gateway.server.core import Core
from audience_gateway.server.health import HealthServicer
from audience_gateway.server.interceptors import DrainInterceptor, StatusInterceptor, ValidationInterceptor
from audience_gateway.server.reflection import add_reflection
from audience_gateway.v1 import (
    audience_service_pb2,
    audience_service_pb2_grpc,
    connector_service_pb2,
    connector_service_pb2_grpc,
    identity_service_pb2,
    identity_service_pb2_grpc,
    schedule_service_pb2,
    schedule_service_pb2_grpc,
    transfer_service_pb2,
    transfer_service_pb2_grpc,
)

SERVICES = tuple(
    service.full_name
    for module in (
        audience_service_pb2,
        transfer_service_pb2,
        schedule_service_pb2,
        identity_service_pb2,
        connector_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
)
"""Names of the services of the API."""

# 10,000 ids of 4 KiB, the most that a request may hold, and some room.
_MOST_BYTES = 48 * 1024 * 1024
# So long at least, for callers and balancers to notice; less than the time after which refused callers come again.
_REFUSING_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class App:
    """A server that is ready to start.

    Attributes:
        server: the gRPC server.
        port: where it listens.
        draining: is set when the server drains.
        calls: knows which calls are under way.
    """

    server: grpc.aio.Server
    port: int
    draining: asyncio.Event
    calls: DrainInterceptor

    async def drain(self, seconds: float) -> None:
        """Health says that it does not serve, streams end, new calls are refused; others get so many seconds to end.

        The server goes on to refuse calls until the process ends: one that is stopped cancels those that it has not
        begun, and their callers do not learn that they may ask again. Calls that take too long are cancelled.
        """
        self.draining.set()
        try:
            async with asyncio.timeout(seconds):
                await asyncio.sleep(_REFUSING_SECONDS)
                await self.calls.idle()
        except TimeoutError:
            await self.server.stop(None)


def build(core: Core, address: str) -> App:
    """Puts the server together, bound to the address. Raises ConfigError if the address cannot be had."""
    draining = asyncio.Event()
    calls = DrainInterceptor(draining)
    server = grpc.aio.server(
        interceptors=(StatusInterceptor(), calls, ValidationInterceptor()),
        options=[
            ("grpc.max_receive_message_length", _MOST_BYTES),
            ("grpc.max_send_message_length", _MOST_BYTES),
            ("grpc.so_reuseport", 0),
        ],
    )
    tokens, creating = PageTokens(core.page_token_key), Creating(core.rights, note_creation)
    audience_service_pb2_grpc.add_AudienceServiceServicer_to_server(
        AudienceServicer(
            core.connections,
            core.transfers,
            tokens,
            core.replays,
            creating=creating,
            reading=MemberReading(core.connections, tokens, draining),
            writing=MemberWriting(core.streams, core.connections, draining),
        ),
        server,
    )
    transfer_service_pb2_grpc.add_TransferServiceServicer_to_server(
        TransferServicer(
            core.transfers,
            core.matching,
            tokens,
            core.replays,
            draining,
            revealing=Revealing(core.rights, reveals_noted(core.registry)),
        ),
        server,
    )
    schedule_service_pb2_grpc.add_ScheduleServiceServicer_to_server(
        ScheduleServicer(core.schedules, tokens, core.replays, creating), server
    )
    identity_service_pb2_grpc.add_IdentityServiceServicer_to_server(
        IdentityServicer(
            core.connections,
            core.registry,
            tokens,
            core.replays,
            identities=core.identities,
            suppressing=core.suppressing,
            erasing=core.erasing,
        ),
        server,
    )
    connector_service_pb2_grpc.add_ConnectorServiceServicer_to_server(
        ConnectorServicer(core.connections, core.registry, tokens), server
    )
    health_pb2_grpc.add_HealthServicer_to_server(HealthServicer(SERVICES, draining), server)
    add_reflection(server, [*SERVICES, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name])
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise ConfigError(
            "the address cannot be listened on", place="server.address", remedy="Free it, or take another."
        ) from error
    return App(server, port, draining, calls)
