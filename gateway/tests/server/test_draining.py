from __future__ import annotations

import asyncio

import grpc
import pytest
from audience_gateway.v1 import transfer_service_pb2
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from google.rpc import error_details_pb2
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from loopback import core, detail, refusal, serving

LIST = transfer_service_pb2.ListTransfersRequest()
WATCH = transfer_service_pb2.WatchTransferRequest(name="transfers/t-1")


def pushback(error: grpc.aio.AioRpcError) -> int:
    """After how many milliseconds a refused caller is to come again."""
    return int(dict(error.trailing_metadata())["grpc-retry-pushback-ms"])


async def test_a_call_to_a_draining_server_is_told_when_to_come_again() -> None:
    async with serving(core()) as (app, channel):
        app.draining.set()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).ListTransfers(LIST)

    assert refusal(caught.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert pushback(caught.value) > 0
    assert detail(caught.value, error_details_pb2.RetryInfo()).retry_delay.ToMilliseconds() == pushback(caught.value)


async def test_so_is_a_stream() -> None:
    async with serving(core()) as (app, channel):
        app.draining.set()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).WatchTransfer(WATCH).read()

    assert pushback(caught.value) > 0


async def test_other_refusals_do_not_say_when_to_come_again() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).GetTransfer(transfer_service_pb2.GetTransferRequest(name="nonsense"))

    assert "grpc-retry-pushback-ms" not in dict(caught.value.trailing_metadata())


async def test_health_is_told_while_the_server_drains() -> None:
    async with serving(core()) as (app, channel):
        app.draining.set()
        answer = await HealthStub(channel).Check(HealthCheckRequest())

    assert answer.status == HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("drained", [False, True], ids=["drains", "has drained"])
async def test_calls_that_come_while_the_server_drains_or_has_drained_are_refused(*, drained: bool) -> None:
    async with serving(core()) as (app, channel):
        draining = asyncio.ensure_future(app.drain(seconds=3600))
        await (draining if drained else app.draining.wait())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).ListTransfers(LIST)
        await draining

    assert refusal(caught.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")


async def test_a_call_that_takes_too_long_does_not_keep_the_server_from_draining() -> None:
    slow, begun = core(), asyncio.Event()

    async def get(name: str) -> object:
        begun.set()
        return await asyncio.Event().wait()

    slow.transfers.get = get  # type: ignore[method-assign]  # a core that takes its time
    async with serving(slow) as (app, channel):
        call = TransferServiceStub(channel).GetTransfer(transfer_service_pb2.GetTransferRequest(name="transfers/t-1"))
        await begun.wait()
        async with asyncio.timeout(30):
            await app.drain(seconds=0.01)
        with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
            await call
