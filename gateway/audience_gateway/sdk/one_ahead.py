"""Fetching what comes next while what there is is worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

T = TypeVar("T")


async def one_ahead(source: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """The same items, none of which is None; while one is worked on, the next one is fetched."""
    following = asyncio.ensure_future(_next(source))
    try:
        while (item := await following) is not None:
            following = asyncio.ensure_future(_next(source))
            yield item
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _next(source: AsyncIterator[T]) -> T | None:
    return await anext(source, None)
