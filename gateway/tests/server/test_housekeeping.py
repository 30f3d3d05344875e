from __future__ import annotations

import asyncio

from audience_gateway.server.housekeeping import Chore, keeping_house


async def test_a_chore_that_failed_is_done_again_and_keeps_no_other_waiting() -> None:
    failing, done = asyncio.Event(), asyncio.Event()
    attempts = 0

    async def fail() -> None:
        nonlocal attempts
        attempts += 1
        if attempts > 1:
            failing.set()
        raise ValueError("no")

    async def do() -> None:
        done.set()

    async with asyncio.timeout(10), keeping_house(Chore(fail, 0.01), Chore(do, 3600)):
        await done.wait()
        await failing.wait()


async def test_chores_end_with_the_house() -> None:
    ended = asyncio.Event()

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with keeping_house(Chore(last, 3600)):
        await asyncio.sleep(0)
    assert ended.is_set()
