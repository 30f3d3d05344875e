"""Streams that end when the server drains, so that an open one does not use up the time for calls to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from audience_gateway.api.refusals import Draining

T = TypeVar("T")


async def until(draining: asyncio.Event, stream: AsyncIterator[T]) -> AsyncIterator[T]:
    """What the stream has until the event is set; then Draining, for another server may answer."""
    ended = asyncio.ensure_future(draining.wait())
    try:
        while True:
            following = asyncio.ensure_future(anext(stream))
            try:
                await asyncio.wait((following, ended), return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    raise Draining
                yield following.result()
            except StopAsyncIteration:
                return
            finally:
                following.cancel()
    finally:
        ended.cancel()
