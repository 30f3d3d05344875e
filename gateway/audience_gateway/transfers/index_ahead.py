"""Reads an identity index while the source is still being read, into the files that the steps of indexing look for.

What fails here fails nothing: those steps find what is there, read the rest, and say what is wrong.
"""

from __future__ import annotations

import asyncio

from audience_gateway.jobs.engine import StepResult
from audience_gateway.transfers.index import Indexing
from audience_gateway.transfers.task import Task, Way


class IndexAhead:
    """Reading ahead, at most once in a run of a transfer."""

    def __init__(self, task: Task, way: Way) -> None:
        self._task = task
        self._indexing = Indexing(task, way)
        self._reading: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to read, unless that has begun."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())

    async def begun(self) -> StepResult | None:
        """What `Indexing.begin` answers once nothing is left to be read; None if it is not known what is there."""
        if self._reading is None:
            return None
        await asyncio.wait((self._reading,))
        read_all = not self._reading.cancelled() and self._reading.exception() is None
        return {"reads": False} if read_all else None

    async def close(self) -> None:
        """Gives up what is being read, and lets go of the system."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._indexing.close()

    async def _read(self) -> None:
        begun = await self._indexing.begin()
        number, last = 0, not begun["reads"]
        while not last:
            await self._task.heed()
            last = bool((await self._indexing.chunk(number))["last"])
            number += 1
        await self._indexing.close()
