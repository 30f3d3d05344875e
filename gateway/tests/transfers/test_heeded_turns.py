"""A transfer that is to end waits for no turn."""

from __future__ import annotations

import asyncio

import pytest
from audience_gateway.plugins.limits import ConnectionLimits
from audience_gateway.plugins.throttle import Limits
from audience_gateway.sdk import RateLimited
from audience_gateway.transfers import heeded_turns
from audience_gateway.transfers.ending import CANCELLED, EndsEarly
from audience_gateway.transfers.heeded_turns import HeededTurns


@pytest.fixture
def limits(monkeypatch) -> ConnectionLimits:
    monkeypatch.setattr(heeded_turns, "_LOOK_SECONDS", 0.01)
    return ConnectionLimits({"target": Limits(concurrency=1)})


async def going_on() -> None:
    return


async def cancelled() -> None:
    raise EndsEarly(CANCELLED)


async def test_it_gives_up_waiting_and_leaves_its_place_to_the_next(limits):
    async with limits.turn("target"):
        with pytest.raises(EndsEarly):
            async with HeededTurns(limits, cancelled).turn("target"):
                raise AssertionError("it was nobody's turn")
        assert limits.counts("target").waiting == 0
    async with asyncio.timeout(5), limits.turn("target"):
        assert limits.counts("target").running == 1


async def test_one_that_goes_on_waits_until_it_is_its_turn(limits):
    looked = asyncio.Event()

    async def look() -> None:
        looked.set()

    async def call() -> int:
        async with HeededTurns(limits, look).turn("target"):
            return limits.counts("target").running

    async with limits.turn("target"):
        waiting = asyncio.create_task(call())
        await looked.wait()
    assert await waiting == 1
    assert limits.counts("target").running == 0


async def test_the_limits_see_what_leaves_the_block(limits):
    with pytest.raises(RateLimited):
        async with HeededTurns(limits, going_on).turn("target"):
            raise RateLimited("slow down", retry_after=30)
    assert limits.counts("target").limited == 1
