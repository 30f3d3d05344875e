"""Bodies of answers of connected systems: whole, but not without end."""

from __future__ import annotations

import aiohttp


async def body_of(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The body of an answer; None if it is longer than the limit.

    Reading `limit` bytes would not do: that ends with whatever has arrived.
    """
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)
