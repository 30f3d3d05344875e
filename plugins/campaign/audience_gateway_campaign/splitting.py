"""Writes rows in parts, and splits a part that is refused until the rows to blame stand alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from audience_gateway.sdk import GatewayError

from audience_gateway_campaign.faults import FaultError
from audience_gateway_campaign.write_pace import WritePace

Row = TypeVar("Row")

_ASKED = 3
_ASKED_WITHOUT_REASON = 5
_MOST_ASKED = 8


class Splitting(Generic[Row]):
    """One writing of many rows.

    Args:
        send: writes rows, all or none; raises FaultError if Campaign refuses them.
        pace: how large parts are, and how many are in flight.
    """

    def __init__(self, send: Callable[[Sequence[Row]], Awaitable[None]], pace: WritePace) -> None:
        self._send_rows = send
        self._pace = pace
        self._sent_parts = 0

    async def write_all(self, rows: Sequence[Row]) -> list[tuple[Row, FaultError]]:
        """Write all rows; answer those that were refused, each with Campaign's last word on it.

        Raises what `send` raises, and a FaultError that is about the request and not its rows; the errors say whether
        something may have been written.
        """
        refused: list[tuple[Row, FaultError]] = []
        first = 0

        async def write_parts() -> None:
            nonlocal first
            while first < len(rows):
                part = rows[first : first + self._pace.rows]
                first += len(part)
                found = await self._write(part)
                refused.extend(found)
                (self._pace.refused if found else self._pace.taken)()

        try:
            async with asyncio.TaskGroup() as writers:
                for _ in range(self._pace.concurrency):
                    writers.create_task(write_parts())
        except ExceptionGroup as errors:
            error = errors.exceptions[0]
            if isinstance(error, GatewayError):
                error.sent = self._sent_parts > 0
            raise error from None
        return refused

    async def _write(self, rows: Sequence[Row]) -> list[tuple[Row, FaultError]]:
        fault = await self._refusal(rows)
        if fault is None:
            return []
        return await self._confirm(rows[0], fault) if len(rows) == 1 else await self._halves(rows)

    async def _halves(self, rows: Sequence[Row]) -> list[tuple[Row, FaultError]]:
        middle = len(rows) // 2
        left, right = rows[:middle], rows[middle:]
        refused = await self._write(left)
        # With nothing wrong in the left half, the right one would be refused as a whole again.
        certain = not refused and len(right) > 1
        return refused + (await self._halves(right) if certain else await self._write(right))

    async def _confirm(self, row: Row, fault: FaultError) -> list[tuple[Row, FaultError]]:
        """Send a row again until Campaign has refused it often enough for one reason, for it may fail in passing."""
        faults = {fault.code: fault}
        times = Counter([fault.code])
        while times[fault.code] < _asked(fault) and times.total() < _MOST_ASKED:
            again = await self._refusal([row])
            if again is None:
                return []
            fault = faults[again.code] = again
            times[fault.code] += 1
        return [(row, max(faults.values(), key=lambda each: (each.is_telling, times[each.code])))]

    async def _refusal(self, rows: Sequence[Row]) -> FaultError | None:
        async with self._pace.in_flight:
            self._sent_parts += 1
            try:
                await self._send_rows(rows)
            except FaultError as fault:
                self._sent_parts -= not fault.sent
                if fault.is_about_the_request:
                    raise
                return fault
            except GatewayError as error:
                self._sent_parts -= not error.sent
                raise
        return None


def _asked(fault: FaultError) -> int:
    return _ASKED if fault.is_telling else _ASKED_WITHOUT_REASON
