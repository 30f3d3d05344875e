"""Clients of replicas at addresses that stay."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc.aio
from audience_gateway.v1 import audience_service_pb2, transfer_pb2, transfer_service_pb2
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from google.rpc import error_details_pb2
from grpc_status import rpc_status

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "faults"))

from world import World

from tests.postgres import free_port

_PATIENT = 100
"""Refusals in a row that a client puts up with."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client saw of a call that failed."""

    code: str
    reason: str
    pushback: int | None
    advice: int | None

    @classmethod
    def of(cls, error: grpc.aio.AioRpcError) -> Seen:
        """What an error shows."""
        status = rpc_status.from_call(error)
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        for one in status.details if status else ():
            for detail in (info, retry):
                if one.Is(detail.DESCRIPTOR):
                    one.Unpack(detail)
        pushback = dict(error.trailing_metadata() or ()).get("grpc-retry-pushback-ms")
        advice = retry.retry_delay.ToMilliseconds() if status else None
        return cls(error.code().name, info.reason, int(pushback) if pushback else None, advice)


@dataclass
class Clients:
    """Clients that go on until they are told to end."""

    channel: grpc.aio.Channel
    seen: Counter[Seen] = field(default_factory=Counter)
    answered: int = 0
    transfers: list[transfer_pb2.Transfer] = field(default_factory=list)
    over: bool = False

    async def ask(self) -> None:
        """Lists transfers again and again."""
        stub = TransferServiceStub(self.channel)
        while not self.over:
            await self._patiently(lambda: stub.ListTransfers(transfer_service_pb2.ListTransfersRequest(page_size=5)))
            self.answered += 1

    async def share(self, people: str, audience: str) -> None:
        """Shares people again and again, and watches each transfer to its end."""
        stub = AudienceServiceStub(self.channel)
        while not self.over:
            request = audience_service_pb2.ShareAudienceRequest(
                source=f"connections/files/audiences/{people}",
                destination=f"connections/stub/audiences/{audience}",
                data_source="dataSources/any",
                request_id=str(uuid.uuid4()),
            )
            shared = await self._patiently(lambda request=request: stub.ShareAudience(request))
            self.transfers.append(await self._patiently(lambda shared=shared: self._watched(shared.transfer.name)))

    async def _watched(self, name: str) -> transfer_pb2.Transfer:
        request = transfer_service_pb2.WatchTransferRequest(name=name)
        *_, last = [answer async for answer in TransferServiceStub(self.channel).WatchTransfer(request)]
        return last.transfer

    async def _patiently(self, call: Callable[[], Awaitable[object]]) -> object:
        for _ in range(_PATIENT):
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                seen = Seen.of(error)
                self.seen[seen] += 1
                await asyncio.sleep((seen.pushback or 50) / 1000)
        raise AssertionError(f"no answer after {_PATIENT} refusals: {self.seen}")


@asynccontextmanager
async def clients(ports: list[int], config: dict[str, object]) -> AsyncIterator[Clients]:
    """Clients of replicas at these ports."""
    target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
    options = [
        ("grpc.enable_http_proxy", 0),
        ("grpc.service_config", json.dumps(config)),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    async with grpc.aio.insecure_channel(target, options=options) as channel:
        yield Clients(channel)


def at_fixed_ports(world: World) -> list[int]:
    """Gives each gateway a port that it keeps."""
    ports = [free_port() for _ in world.gateways]
    for gateway, port in zip(world.gateways, ports, strict=True):
        gateway.variables["AUDIENCE_GATEWAY__SERVER__ADDRESS"] = f"127.0.0.1:{port}"
    return ports
