"""Turns of one transfer, which is not kept waiting once it is to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from audience_gateway.transfers.turns import Turns

_LOOK_SECONDS = 1.0


class HeededTurns:
    """Waits for turns, and looks every second whether the transfer still wants one.

    Args:
        turns: whose turn it is.
        heed: raises what ends the transfer.
    """

    def __init__(self, turns: Turns, heed: Callable[[], Awaitable[None]]) -> None:
        self._turns = turns
        self._heed = heed

    @asynccontextmanager
    async def turn(self, connection: str) -> AsyncIterator[None]:
        """Waits for a turn, which lasts as long as the block. Raises what `heed` raises meanwhile."""
        async with AsyncExitStack() as stack:
            waiting = asyncio.ensure_future(stack.enter_async_context(self._turns.turn(connection)))
            try:
                while not (await asyncio.wait([waiting], timeout=_LOOK_SECONDS))[0]:
                    await self._heed()
                await waiting
            finally:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
            yield
