"""Reading chunk by chunk, a page ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, nullcontext

import pytest
from audience_gateway.transfers.chunks import ChunkReader


class Letters:
    """Pages of letters, two a page, from the chunk of a number on."""

    def __init__(self, text: str, per_chunk: int) -> None:
        self.text, self.per_chunk = text, per_chunk
        self.opened = 0
        self.closed = 0

    async def begin(self, stack: AsyncExitStack, number: int) -> AsyncIterator[str]:
        self.opened += 1
        stack.callback(self._close)
        return self._pages(number * self.per_chunk)

    def _close(self) -> None:
        self.closed += 1

    async def _pages(self, first: int) -> AsyncIterator[str]:
        for position in range(first, len(self.text), 2):
            yield self.text[position : position + 2]


async def chunks(reader: ChunkReader[str], first: int = 0) -> list[str]:
    read = []
    last = False
    while not last:
        chunk = await reader.read(first + len(read))
        read.append("".join(chunk.pages))
        last = chunk.last
    return read


async def test_pages_are_gathered_until_a_chunk_is_full():
    letters = Letters("abcdefgh", 4)
    reader = ChunkReader(letters.begin, len, 4, nullcontext)
    assert await chunks(reader) == ["abcd", "efgh", ""]
    await reader.close()
    assert (letters.opened, letters.closed) == (1, 1)


async def test_a_closed_reader_goes_on_with_the_chunk_that_is_asked_for():
    letters = Letters("abcdefgh", 4)
    reader = ChunkReader(letters.begin, len, 4, nullcontext)
    await reader.read(0)
    await reader.close()
    assert await chunks(reader, first=1) == ["efgh", ""]
    await reader.close()
    assert (letters.opened, letters.closed) == (2, 2)


async def test_an_error_of_the_page_under_way_is_told_when_that_page_is_read():
    async def begin(stack: AsyncExitStack, number: int) -> AsyncIterator[str]:
        async def pages() -> AsyncIterator[str]:
            yield "ab"
            raise ConnectionError

        return pages()

    reader = ChunkReader(begin, len, 2, nullcontext)
    assert (await reader.read(0)).pages == ["ab"]
    with pytest.raises(ConnectionError):
        await reader.read(1)
    await reader.close()


async def test_closing_gives_up_a_page_that_never_comes():
    async def begin(stack: AsyncExitStack, number: int) -> AsyncIterator[str]:
        async def pages() -> AsyncIterator[str]:
            yield "ab"
            await asyncio.Event().wait()

        return pages()

    reader = ChunkReader(begin, len, 2, nullcontext)
    await reader.read(0)
    await reader.close()


async def test_what_could_not_be_read_is_read_again_and_not_taken_for_the_end():
    letters, failures = Letters("abcdefgh", 4), iter([OSError("gone")])

    async def begin(stack: AsyncExitStack, number: int) -> AsyncIterator[str]:
        return failing(await letters.begin(stack, number))

    async def failing(pages: AsyncIterator[str]) -> AsyncIterator[str]:
        async for page in pages:
            if page == "ef":
                for failure in failures:
                    raise failure
            yield page

    reader = ChunkReader(begin, len, 4, nullcontext)
    assert (await reader.read(0)).pages == ["ab", "cd"]
    with pytest.raises(OSError, match="gone"):
        await reader.read(1)
    assert await chunks(reader, first=1) == ["efgh", ""]
    await reader.close()
    assert (letters.opened, letters.closed) == (2, 2)
