"""Normalises chunks once they are written, into the very files that the steps of normalising look for.

What fails here fails nothing: those steps find what is there, make the rest, and say what is wrong.
"""

from __future__ import annotations

import asyncio

import pyarrow as pa

from audience_gateway.transfers.background import to_its_end
from audience_gateway.transfers.normalise import write_normalised
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task


class NormaliseAhead:
    """Chunks of a transfer that are being normalised."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._under_way: dict[int, asyncio.Task[int]] = {}

    def start(self, plan: Plan, number: int, rows_before: int, rows: pa.Table | None) -> None:
        """Begins with a chunk whose file is there, and its rows if they are at hand."""
        if number not in self._under_way:
            self._under_way[number] = asyncio.create_task(self._write(plan, number, rows_before, rows))

    async def ended(self, number: int) -> None:
        """Waits until nothing is done to a chunk any more, however that has ended."""
        if number in self._under_way:
            await asyncio.gather(self._under_way.pop(number), return_exceptions=True)

    async def close(self) -> None:
        """Gives up what has not begun, and waits for the rest."""
        for number in list(self._under_way):
            self._under_way[number].cancel()
            await self.ended(number)

    async def _write(self, plan: Plan, number: int, rows_before: int, rows: pa.Table | None) -> int:
        return await to_its_end(write_normalised(self._task, plan, number, rows_before, rows))
