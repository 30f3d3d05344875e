"""What a server does now and then, beside what it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from audience_gateway import incidents


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that is done at once and then every so many seconds."""

    do: Callable[[], Awaitable[None]]
    every: float


@asynccontextmanager
async def keeping_house(*chores: Chore) -> AsyncIterator[None]:
    """Does all chores beside each other until the block ends; one that failed is done again like any other."""
    tasks = [asyncio.create_task(_keep_doing(chore)) for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_doing(chore: Chore) -> None:
    while True:
        try:
            await chore.do()
        except Exception as error:  # noqa: BLE001  # a chore that failed must not end the ones to come
            incidents.report(error)
        await asyncio.sleep(chore.every)
