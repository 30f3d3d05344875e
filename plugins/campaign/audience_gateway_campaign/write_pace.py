"""How large writes are: smaller while rows are refused, larger again while they are not."""

from __future__ import annotations

import asyncio

SMALLEST = 16
"""Rows below which a write is not made smaller: single rows cost more calls than splitting does."""


class WritePace:
    """Size and number of writes in flight.

    Args:
        most_rows: of one write.
        concurrency: writes in flight at once.
    """

    def __init__(self, most_rows: int, concurrency: int) -> None:
        self._most_rows = most_rows
        self.concurrency = concurrency
        self.rows = most_rows
        self.in_flight = asyncio.Semaphore(concurrency)

    def refused(self) -> None:
        """Make the next writes smaller: fewer of their rows have to be sent again."""
        self.rows = min(self._most_rows, max(SMALLEST, self.rows // 2))

    def taken(self) -> None:
        """Make the next writes larger."""
        self.rows = min(self._most_rows, self.rows * 2)
