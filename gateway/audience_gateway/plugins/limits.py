"""Turns at the connections: every call of the core to a connector waits here for its own."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from audience_gateway.plugins.throttle import Limits, Throttle, Verdict
from audience_gateway.sdk import RateLimited


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCounts:
    """What goes on at one connection.

    Attributes:
        running: calls under way.
        waiting: calls that wait for their turn.
        allowed: calls that may be under way at a time now.
        paused_seconds: how long no call may begin, because the system asked to slow down.
        limited: calls that the system has answered so.
    """

    running: int
    waiting: int
    allowed: int
    paused_seconds: float
    limited: int


class ConnectionLimits:
    """The limits of all connections of a process: the implementation of `transfers.turns`.

    Calls to one connection begin in the order in which they came; connections know nothing of each other.

    Args:
        limits: of the connections, by name; one that is not among them has the default limits.
        clock: seconds that never go back.
    """

    def __init__(self, limits: Mapping[str, Limits], clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._gates: dict[str, _Gate] = {}

    @asynccontextmanager
    async def turn(self, connection: str) -> AsyncIterator[None]:
        """Waits for a turn, which lasts as long as the block; RateLimited that leaves it slows the connection down."""
        gate = self._gate(connection)
        begun = await gate.enter()
        try:
            yield
        except RateLimited as error:
            gate.leave(begun, Verdict.LIMITED, error.retry_after)
            raise
        except BaseException:
            gate.leave(begun, Verdict.OTHER)
            raise
        gate.leave(begun, Verdict.GOOD)

    def counts(self, connection: str) -> TurnCounts:
        """What goes on at a connection now."""
        return self._gate(connection).counts()

    def _gate(self, connection: str) -> _Gate:
        if connection not in self._gates:
            self._gates[connection] = _Gate(Throttle(self._limits.get(connection, Limits())), self._clock)
        return self._gates[connection]


class _Gate:
    """The queue in front of one connection."""

    def __init__(self, throttle: Throttle, clock: Callable[[], float]) -> None:
        self._throttle = throttle
        self._clock = clock
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._limited = 0

    async def enter(self) -> int:
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._admit()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # let in and cancelled at once: its turn goes to the next
                self.leave(waiter.result(), Verdict.OTHER)
            raise

    def leave(self, begun: int, verdict: Verdict, retry_after: float | None = None) -> None:
        self._limited += verdict is Verdict.LIMITED
        self._throttle.end(begun, verdict, self._clock(), retry_after=retry_after)
        self._admit()

    def counts(self) -> TurnCounts:
        return TurnCounts(
            running=self._throttle.running,
            waiting=sum(not waiter.done() for waiter in self._waiting),
            allowed=self._throttle.allowed,
            paused_seconds=self._throttle.paused_seconds(self._clock()),
            limited=self._limited,
        )

    def _admit(self) -> None:
        """Lets in whoever may begin now, and comes back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            if self._waiting[0].done():  # given up
                self._waiting.popleft()
                continue
            seconds = self._throttle.wait(self._clock())
            if seconds is None:
                return
            if seconds > 0:
                self._timer = asyncio.get_running_loop().call_later(seconds, self._admit)
                return
            self._waiting.popleft().set_result(self._throttle.begin(self._clock()))
