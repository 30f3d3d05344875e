from __future__ import annotations

import asyncio

import grpc
import pytest
from audience_gateway.v1 import transfer_service_pb2
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse, HealthListRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from loopback import Transfers, core, refusal, serving, transfer

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
TRANSFER_SERVICE = "audience_gateway.v1.TransferService"


async def test_the_server_and_each_service_say_that_they_serve() -> None:
    async with serving(core()) as (_, channel):
        health = HealthStub(channel)

        assert (await health.Check(HealthCheckRequest())).status == SERVING
        assert (await health.Check(HealthCheckRequest(service=TRANSFER_SERVICE))).status == SERVING
        listed = await health.List(HealthListRequest())

    assert set(listed.statuses) == {
        "",
        TRANSFER_SERVICE,
        "audience_gateway.v1.AudienceService",
        "audience_gateway.v1.IdentityService",
        "audience_gateway.v1.ScheduleService",
        "audience_gateway.v1.ConnectorService",
    }


async def test_an_unknown_service_is_not_found_by_check_and_unknown_to_watch() -> None:
    async with serving(core()) as (_, channel):
        health = HealthStub(channel)

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await health.Check(HealthCheckRequest(service="none"))
        watched = await health.Watch(HealthCheckRequest(service="none")).read()

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert watched.status == HealthCheckResponse.SERVICE_UNKNOWN


async def test_a_watch_learns_that_the_server_drains_and_does_not_hold_it_up() -> None:
    async with serving(core()) as (app, channel):
        watch = HealthStub(channel).Watch(HealthCheckRequest())
        assert (await watch.read()).status == SERVING

        async with asyncio.timeout(30):
            await app.drain(seconds=3600)

        assert (await watch.read()).status == NOT_SERVING
        assert await watch.read() is grpc.aio.EOF


async def test_watching_a_transfer_ends_with_the_advice_to_ask_again_when_the_server_drains() -> None:
    endless = core()
    assert isinstance(endless.transfers, Transfers)
    endless.transfers.kept = [transfer("endless")]
    async with serving(endless) as (app, channel):
        watch = TransferServiceStub(channel).WatchTransfer(
            transfer_service_pb2.WatchTransferRequest(name="transfers/endless")
        )
        await watch.read()

        async with asyncio.timeout(30):
            await app.drain(seconds=3600)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await watch.read()

    assert refusal(caught.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")


async def test_a_call_under_way_may_end_while_the_server_drains() -> None:
    slow = core()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def get(name: str) -> object:
        begun.set()
        await go_on.wait()
        return transfer(name)

    slow.transfers.get = get  # type: ignore[method-assign]  # a core that takes its time
    async with serving(slow) as (app, channel):
        call = asyncio.ensure_future(
            TransferServiceStub(channel).GetTransfer(transfer_service_pb2.GetTransferRequest(name="transfers/t-1"))
        )
        await begun.wait()
        drained = asyncio.ensure_future(app.drain(seconds=3600))
        await app.draining.wait()
        go_on.set()

        assert (await call).transfer.name == "transfers/t-1"
        await drained
