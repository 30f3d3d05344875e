"""Turns at connections: who waits, who goes on, and that nobody is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from audience_gateway.plugins.limits import ConnectionLimits
from audience_gateway.plugins.throttle import Limits
from audience_gateway.sdk import RateLimited, Transient


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> ConnectionLimits:
    return ConnectionLimits({"narrow": Limits(concurrency=1), "wide": Limits(concurrency=2)}, clock)


class Call:
    """A call that lasts until it is told to end."""

    def __init__(self, limits: ConnectionLimits, connection: str) -> None:
        self.begun = asyncio.Event()
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run(limits, connection))

    async def _run(self, limits: ConnectionLimits, connection: str) -> None:
        async with limits.turn(connection):
            self.begun.set()
            await self.end


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # counts tell no event when they change
        await asyncio.sleep(0.001)


async def limited(limits: ConnectionLimits, connection: str, retry_after: float | None = None) -> None:
    with suppress(RateLimited):
        async with limits.turn(connection):
            raise RateLimited("slow down", retry_after=retry_after)


async def test_calls_take_turns_in_the_order_in_which_they_came(limits):
    first = Call(limits, "narrow")
    await first.begun.wait()
    order: list[int] = []

    async def call(number: int) -> None:
        async with limits.turn("narrow"):
            order.append(number)

    waiting = [asyncio.create_task(call(number)) for number in range(5)]
    await until(lambda: limits.counts("narrow").waiting == 5)
    assert order == []
    first.end.set_result(None)
    await asyncio.gather(first.task, *waiting)
    assert order == [0, 1, 2, 3, 4]


async def test_a_connection_that_is_stuck_keeps_no_other_waiting(limits):
    stuck = Call(limits, "narrow")
    await stuck.begun.wait()
    async with limits.turn("wide"):
        assert limits.counts("wide").running == 1
    stuck.end.set_result(None)
    await stuck.task


async def test_a_pause_holds_every_turn_at_that_connection_and_none_elsewhere(limits, clock):
    await limited(limits, "wide", retry_after=0.01)
    held = [Call(limits, "wide"), Call(limits, "wide")]
    await until(lambda: limits.counts("wide").waiting == 2)
    async with limits.turn("narrow"):
        assert (limits.counts("wide").waiting, limits.counts("wide").running) == (2, 0)
    clock.now = 0.01
    await held[0].begun.wait()  # a complaint has left one place
    for call in held:
        call.end.set_result(None)
    await asyncio.gather(*(call.task for call in held))


async def test_what_leaves_the_block_is_seen_and_goes_on(limits):
    with pytest.raises(RateLimited):
        async with limits.turn("wide"):
            raise RateLimited("slow down")
    assert (limits.counts("wide").allowed, limits.counts("wide").limited) == (1, 1)
    with pytest.raises(Transient):
        async with limits.turn("narrow"):
            raise Transient("cut")
    assert limits.counts("narrow").running == 0


async def test_waiting_can_be_given_up_without_losing_a_turn(limits):
    first, given_up, last = (Call(limits, "narrow") for _ in range(3))
    await first.begun.wait()
    await until(lambda: limits.counts("narrow").waiting == 2)
    given_up.task.cancel()
    await until(lambda: limits.counts("narrow").waiting == 1)
    first.end.set_result(None)
    await last.begun.wait()
    assert not given_up.begun.is_set()
    last.end.set_result(None)
    await asyncio.gather(first.task, last.task)


async def test_one_that_is_let_in_and_cancelled_at_once_passes_its_turn_on(limits):
    async with limits.turn("narrow"):
        cancelled, last = Call(limits, "narrow"), Call(limits, "narrow")
        await until(lambda: limits.counts("narrow").waiting == 2)
    assert limits.counts("narrow").waiting == 1  # it is let in, but has not noticed yet
    cancelled.task.cancel()
    await last.begun.wait()
    assert not cancelled.begun.is_set()
    last.end.set_result(None)
    await last.task
    assert limits.counts("narrow").running == 0


async def test_a_connection_without_limits_of_its_own_has_the_default_ones(limits):
    assert limits.counts("new").allowed == 4
