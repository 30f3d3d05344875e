"""The gateway's services at an address."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
import typer

from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.connector_service_pb2_grpc import ConnectorServiceStub
from audience_gateway.v1.identity_service_pb2_grpc import IdentityServiceStub
from audience_gateway.v1.schedule_service_pb2_grpc import ScheduleServiceStub
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub

DEFAULT_ADDRESS = "127.0.0.1:50051"

_LOOPBACK = ("127.", "localhost", "[::1]", "unix:")
_INTERRUPTED = 130
_LARGEST_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Client:
    """The services of one gateway."""

    audiences: AudienceServiceStub
    transfers: TransferServiceStub
    schedules: ScheduleServiceStub
    identities: IdentityServiceStub
    connectors: ConnectorServiceStub


@contextmanager
def gateway(context: typer.Context) -> Iterator[Client]:
    """The gateway that `--address` names; its channel is closed at the end."""
    address: str = context.obj
    channel = grpc.insecure_channel(address, options=_options(address))
    try:
        yield Client(
            audiences=AudienceServiceStub(channel),
            transfers=TransferServiceStub(channel),
            schedules=ScheduleServiceStub(channel),
            identities=IdentityServiceStub(channel),
            connectors=ConnectorServiceStub(channel),
        )
    except KeyboardInterrupt:
        # A call that was interrupted in the middle of grpc's own work may never end, and both closing the channel and
        # an orderly end of the interpreter wait for it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_INTERRUPTED)
    finally:
        channel.close()


def _options(address: str) -> list[tuple[str, int]]:
    proxied = not address.startswith(_LOOPBACK)
    return [("grpc.max_receive_message_length", _LARGEST_ANSWER), ("grpc.enable_http_proxy", int(proxied))]
