from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from audience_gateway.v1.transfer_service_pb2 import GetTransferRequest
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

# A gateway whose GetTransfer says that it has begun, and then never ends.
GATEWAY = """
import asyncio, sys
from contextlib import asynccontextmanager
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from audience_gateway.server import run
from audience_gateway.server.settings import GatewaySettings
from loopback import core

async def get(name):
    print("begun", flush=True)
    await asyncio.Event().wait()

@asynccontextmanager
async def assemble(settings):
    slow = core()
    slow.transfers.get = get
    async with slow.connections:
        yield slow

run.assemble = assemble
settings = GatewaySettings(server={"address": "127.0.0.1:0", "drain_seconds": 3600})
asyncio.run(run.serve(settings, Path(sys.argv[2])))
"""


@pytest.fixture
async def busy(tmp_path: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, grpc.aio.Channel]]:
    """A gateway's process with a call under way, and a channel to it."""
    ready = tmp_path / "ready.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", GATEWAY, str(Path(__file__).parents[1]), str(ready)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        while not ready.exists():  # noqa: ASYNC110  # a file has no event
            await asyncio.sleep(0.05)
        address = json.loads(ready.read_text())["address"]
        async with grpc.aio.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
            call = TransferServiceStub(channel).GetTransfer(GetTransferRequest(name="transfers/t-1"))
            assert process.stdout
            assert await process.stdout.readline() == b"begun\n"
            yield process, channel
            call.cancel()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_second_signal_ends_a_gateway_that_drains_at_once(
    busy: tuple[asyncio.subprocess.Process, grpc.aio.Channel],
) -> None:
    process, channel = busy
    watch = HealthStub(channel).Watch(HealthCheckRequest())
    assert (await watch.read()).status == HealthCheckResponse.SERVING

    process.send_signal(signal.SIGTERM)
    assert (await watch.read()).status == HealthCheckResponse.NOT_SERVING
    assert process.returncode is None
    process.send_signal(signal.SIGTERM)

    assert await process.wait() == 130
