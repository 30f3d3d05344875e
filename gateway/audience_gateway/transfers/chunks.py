"""Reads a system chunk by chunk, the next chunk while the last one is worked on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from audience_gateway.transfers.ahead import Ahead

Page = TypeVar("Page")


@dataclass(frozen=True, slots=True)
class Chunk(Generic[Page]):
    """Pages that were read together.

    Attributes:
        pages: the pages.
        rows: their rows.
        last: whether there are no more.
    """

    pages: list[Page]
    rows: int
    last: bool


class ChunkReader(Generic[Page]):
    """Reading under way: kept open between chunks, opened again behind the last kept chunk after a restart.

    Args:
        begin: opens the system on the stack and answers the pages from the chunk of a number on.
        rows: how many rows a page has.
        chunk_rows: rows from which on a chunk is full.
        turn: makes the context that each page is read in.
    """

    def __init__(
        self,
        begin: Callable[[AsyncExitStack, int], Awaitable[AsyncIterator[Page]]],
        rows: Callable[[Page], int],
        chunk_rows: int,
        turn: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self._begin = begin
        self._rows = rows
        self._chunk_rows = chunk_rows
        self._turn = turn
        self._open = AsyncExitStack()
        self._pages: AsyncIterator[Page] | None = None
        self._ahead: Ahead[Chunk[Page]] = Ahead()

    async def read(self, number: int) -> Chunk[Page]:
        """The chunk of a number: the one behind the last read, or after a restart behind the last kept."""
        if self._pages is None:
            self._pages = await self._begin(self._open, number)
        try:
            chunk = await self._ahead.take(partial(self._chunk, self._pages))
        except BaseException:
            self._pages = None  # pages that failed are at their end, which is not the end of the source
            raise
        if not chunk.last:
            self._ahead.begin(self._chunk(self._pages))
        return chunk

    async def close(self) -> None:
        """Gives up the chunk under way, whatever becomes of it, and lets go of the system."""
        self._pages = None
        await self._ahead.close()
        await self._open.aclose()

    async def _chunk(self, unread: AsyncIterator[Page]) -> Chunk[Page]:
        pages: list[Page] = []
        rows = 0
        while rows < self._chunk_rows:
            async with self._turn():
                page = await anext(unread, None)
            if page is None:
                return Chunk(pages, rows, last=True)
            pages.append(page)
            rows += self._rows(page)
        return Chunk(pages, rows, last=False)
