"""A TCP proxy that does what networks do: it cuts, resets, stalls and slows down what goes through it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

_PIECE_BYTES = 64 << 10
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of 0 s: closing sends RST instead of FIN."""


class Then(Enum):
    """What becomes of a connection: it is ended, reset, goes on without a sign of life, or goes on slowly."""

    CUT = auto()
    RESET = auto()
    STALL = auto()
    SLOW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to the connection that carries the next request.

    Attributes:
        then: what becomes of it.
        request_arrives: whether the system gets the request.
        answer_bytes: bytes of the answer that get through before it happens.
        bytes_per_second: how fast a slow connection is.
    """

    then: Then
    request_arrives: bool = True
    answer_bytes: int = 0
    bytes_per_second: int = 1000


class TcpProxy:
    """Stands in front of a system; use it as an asynchronous context manager.

    Args:
        host: of the system.
        port: of the system.
    """

    def __init__(self, host: str, port: int) -> None:
        self._system = host, port
        self._faults: deque[Fault | None] = deque()
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.requests = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Its address for HTTP."""
        return f"http://127.0.0.1:{self.port}"

    def arm(self, fault: Fault, times: int = 1, *, spared: int = 0) -> None:
        """Lets the fault happen to the next requests, one after the other, after those that are armed already.

        As many requests as are spared get through before.
        """
        self._faults.extend([None] * spared + [fault] * times)

    def disarm(self) -> None:
        """Lets nothing happen any more."""
        self._faults.clear()

    @property
    def armed(self) -> int:
        """Faults that have not happened yet."""
        return len(self._faults)

    def next_fault(self) -> Fault | None:
        """The fault of a request that comes in now."""
        self.requests += 1
        return self._faults.popleft() if self._faults else None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        try:
            await _Link(self, reader, writer).run(*self._system)
        finally:
            self._links.discard(task)


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: TcpProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = reader, writer
        self._fault: Fault | None = None
        self._asked = False
        self._answered = 0

    async def run(self, host: str, port: int) -> None:
        """Carries bytes in both directions until one side ends, or what is to happen has happened."""
        reader, to_client = self._client
        async with _closing(to_client):
            from_system, to_system = await asyncio.open_connection(host, port)
            async with _closing(to_system):
                pumps = [
                    asyncio.create_task(self._requests(reader, to_system)),
                    asyncio.create_task(self._answers(from_system, to_client)),
                ]
                try:
                    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for pump in pumps:
                        pump.cancel()
                    await asyncio.gather(*pumps, return_exceptions=True)

    async def _requests(self, reader: asyncio.StreamReader, system: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE_BYTES):
            if not self._asked:  # what comes before an answer is one request
                self._asked = True
                self._fault = self._fault or self._proxy.next_fault()
            if self._fault is None or self._fault.request_arrives:
                system.write(piece)
                await system.drain()
            elif self._ended(self._fault):
                return

    async def _answers(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE_BYTES):
            self._asked = False
            fault = self._fault
            if fault is None:
                client.write(piece)
            elif fault.then is Then.SLOW:
                await self._slowly(piece, client, fault.bytes_per_second)
            else:
                through = piece[: max(0, fault.answer_bytes - self._answered)]
                self._answered += len(through)
                client.write(through)
                if len(through) < len(piece) and self._ended(fault):
                    return
            await client.drain()

    def _ended(self, fault: Fault) -> bool:
        """Lets the fault happen; whether the connection is over with that."""
        _, client = self._client
        if fault.then is Then.RESET:
            carrier: socket.socket = client.get_extra_info("socket")
            carrier.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            client.transport.abort()
        return fault.then is not Then.STALL

    async def _slowly(self, piece: bytes, client: asyncio.StreamWriter, bytes_per_second: int) -> None:
        step = max(1, bytes_per_second // 20)
        for first in range(0, len(piece), step):
            client.write(piece[first : first + step])
            await client.drain()
            await asyncio.sleep(step / bytes_per_second)


@contextlib.asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Closes a connection when the block ends, and lets go of what is still to be sent if the block is given up."""
    try:
        yield
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    finally:
        writer.transport.abort()
