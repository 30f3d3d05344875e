"""Reads the next page of a system while the last one is worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

Page = TypeVar("Page")


class ReadAhead(Generic[Page]):
    """Pages of an iterator, one of them always under way.

    Args:
        pages: the iterator; reading begins at once.
    """

    def __init__(self, pages: AsyncIterator[Page]) -> None:
        self._pages = pages
        self._next = asyncio.ensure_future(anext(pages, None))

    async def next(self) -> Page | None:
        """The next page, or None behind the last."""
        page = await asyncio.shield(self._next)
        if page is not None:
            self._next = asyncio.ensure_future(anext(self._pages, None))
        return page

    async def close(self) -> None:
        """Gives up the page under way, whatever becomes of it."""
        self._next.cancel()
        await asyncio.gather(self._next, return_exceptions=True)
