"""The stub, its connector, and a proxy in front of whatever a test puts behind it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

sys.path.insert(0, str(Path(__file__).parent / "apparatus"))
sys.path.insert(0, str(Path(__file__).parent / "stub"))

from audience_gateway.plugins.configuration import ConnectionConfiguration, HttpConfiguration
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.resolution import resolve
from audience_gateway.sdk import Connector
from audience_gateway.server.assemble import assemble
from audience_gateway.server.core import Core
from audience_gateway.server.settings import GatewaySettings
from audience_gateway.storage import Waits, open_bucket
from gateway_stub_system.server import StubSystem
from shares import settings
from tcp_proxy import TcpProxy

STUB = Path(__file__).parent / "stub"
"""Where the third-party plugin `stub` is installed; a directory for PYTHONPATH."""
SECONDS = 0.8
"""How long connectors wait for a system in these tests."""
Open = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class RunningStub:
    """A stub that listens."""

    system: StubSystem
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def members(self, audience: str = "gold") -> set[str]:
        """Who is in an audience."""
        return set(self.system.audiences[audience].times)

    def doubled(self, audience: str = "gold") -> set[str]:
        """Who was added to an audience more than once."""
        return {member for member, times in self.system.audiences[audience].times.items() if times > 1}

    def calls(self, call: str) -> int:
        """How often it was called."""
        return sum(one["call"] == call for one in self.system.calls)

    def tell(self, **reply: object) -> None:
        """Says how the next call of a kind is answered, after those that were told before."""
        self.system.script.tell(reply)


@pytest.fixture
async def stub() -> AsyncIterator[RunningStub]:
    """A stub of the test's own."""
    system = StubSystem()
    async with TestServer(system.application()) as server:
        assert server.port is not None
        yield RunningStub(system, server.port)


@pytest.fixture
async def proxied() -> AsyncIterator[Callable[[int], Any]]:
    """Puts a proxy in front of a port of this machine."""
    async with AsyncExitStack() as proxies:

        async def proxy(port: int) -> TcpProxy:
            return await proxies.enter_async_context(TcpProxy("127.0.0.1", port))

        yield proxy


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens a connection, as the gateway does, with short waits."""
    registry = load(installed())
    http = HttpConfiguration(connect_seconds=SECONDS, read_seconds=SECONDS, call_seconds=5 * SECONDS)
    buckets = partial(open_bucket, waits=Waits(connect=SECONDS, read=SECONDS, call=5 * SECONDS))
    async with AsyncExitStack() as stack:

        async def open_connection(connector: str, **settings: object) -> Connector:
            configuration = ConnectionConfiguration(connector=connector, settings=settings)
            resolved = resolve(registry, {connector: configuration}, {}, {})
            connections = await stack.enter_async_context(Connections(registry, resolved, buckets, http))
            return await stack.enter_async_context(connections.open(connector))

        yield open_connection


@pytest.fixture
async def assembled(tmp_path: Path) -> AsyncIterator[Open]:
    """Puts together a gateway's core: the stub as source, other connections by name, small chunks, short waits."""
    async with AsyncExitStack() as stack:

        async def assemble_core(source: str, *, seconds: float = SECONDS, **targets: object) -> Core:
            return await stack.enter_async_context(
                assemble(
                    GatewaySettings(
                        storage={"state": tmp_path / "state"},
                        http={"connect_seconds": seconds, "read_seconds": seconds, "call_seconds": 5 * seconds},
                        transfers={"deliver_rows": 10, "attempts": 3, "patience_seconds": 1},
                        **settings(source, targets),
                    )
                )
            )

        yield assemble_core
