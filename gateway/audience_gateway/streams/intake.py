"""The chunks of one connection to a stream, on their way to being kept: several at a time, kept in their order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from dataclasses import replace
from itertools import islice, takewhile

from audience_gateway.sdk import MemberBatch
from audience_gateway.streams.checks import RowCheck
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.content import content_hash
from audience_gateway.streams.model import Chunk, Stream
from audience_gateway.streams.refusals import OutOfSequence, WindowExceeded
from audience_gateway.streams.stream_ledger import StreamLedger


class Intake:
    """Takes in chunks of one stream.

    Args:
        stream: the stream, as it was when the connection began.
        window: how many chunks may be under way.
        check: finds the rows that are no members.
        files: where chunks are put.
        ledger: where they are entered, which makes them kept.
        workers: threads that work on chunks.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        window: int,
        check: RowCheck,
        files: ChunkFiles,
        ledger: StreamLedger,
        workers: Executor,
    ) -> None:
        self.stream = stream
        self._window = window
        self._check = check
        self._files = files
        self._ledger = ledger
        self._workers = workers
        self._expected = stream.chunks + 1
        self._under_way: deque[asyncio.Future[Chunk]] = deque()
        self._changed = asyncio.Event()
        self._finished = False

    def take(self, sequence: int, members: Callable[[], MemberBatch]) -> None:
        """Begins to work on a chunk; its members are made in a thread.

        Raises OutOfSequence, WindowExceeded.
        """
        if sequence > self._expected:
            raise OutOfSequence(self._expected)
        if len(self._under_way) >= self._window:
            raise WindowExceeded(self._window)
        self._expected = max(self._expected, sequence + 1)
        loop = asyncio.get_running_loop()
        self._under_way.append(loop.run_in_executor(self._workers, self._put, sequence, members))
        self._changed.set()

    def finish(self) -> None:
        """Says that no chunk will follow."""
        self._finished = True
        self._changed.set()

    async def kept(self) -> AsyncGenerator[list[Chunk]]:
        """Chunks as they are kept, in their order; ends behind the last one after `finish`.

        Raises what making the members of a chunk raised, ChunkChanged, and Permanent if the stream has ended.
        """
        while await self._some_under_way():
            ready = [await self._under_way[0]]
            ready += [done.result() for done in takewhile(_succeeded, islice(self._under_way, 1, None))]
            await asyncio.to_thread(self._ledger.keep, self.stream.id, ready)
            for _ in ready:
                self._under_way.popleft()
            yield ready

    async def close(self) -> None:
        """Waits for what threads are still working on; it is not kept."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _some_under_way(self) -> bool:
        while not self._under_way and not self._finished:
            self._changed.clear()
            await self._changed.wait()
        return bool(self._under_way)

    def _put(self, sequence: int, members: Callable[[], MemberBatch]) -> Chunk:
        made = members()
        chunk = Chunk(sequence, len(made), content_hash(made))
        self._files.write(self.stream.id, chunk, made)
        return replace(chunk, rejected=self._check.rejected(made))


def _succeeded(chunk: asyncio.Future[Chunk]) -> bool:
    return chunk.done() and not chunk.cancelled() and chunk.exception() is None
