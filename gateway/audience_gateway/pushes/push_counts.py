"""What a process has counted of pushes since it began: how each one ended, and what became of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum

from audience_gateway.sdk import PushFate


class PushEnd(StrEnum):
    """How a push ended. Every one that was received ends in one of these.

    Attributes:
        KEPT: its rows were kept, or counted where they cannot be.
        NO_TOKEN: it had no token that is good.
        TOO_LARGE: its body was larger than `receiver.most_bytes`.
        NO_PUSH: its body was none that the connector can read.
        NOT_IN_TIME: it was not kept within `receiver.seconds`; it may have been all the same.
        ENDING: the gateway was ending.
        FAILED: something that nobody has foreseen went wrong.
    """

    KEPT = "kept"
    NO_TOKEN = "no_token"  # noqa: S105  # an ending
    TOO_LARGE = "too_large"
    NO_PUSH = "no_push"
    NOT_IN_TIME = "not_in_time"
    ENDING = "ending"
    FAILED = "failed"


class PushCounts:
    """Counts pushes of one process; the rows of all processes are counted in the database, too.

    Used by one event loop.
    """

    def __init__(self) -> None:
        self._pushes: Counter[tuple[str, PushEnd]] = Counter()
        self._rows: Counter[tuple[str, PushFate]] = Counter()
        self.astray = 0
        """Pushes to connections that there are not, or that take none."""

    def ended(self, connection: str, end: PushEnd) -> None:
        """Counts a push."""
        self._pushes[connection, end] += 1

    def fared(self, connection: str, fates: Mapping[PushFate, int]) -> None:
        """Counts the rows of a push."""
        for fate, rows in fates.items():
            self._rows[connection, fate] += rows

    def pushes(self, connection: str) -> Iterator[tuple[PushEnd, int]]:
        """How many pushes to a connection have ended in each way."""
        return ((end, self._pushes[connection, end]) for end in PushEnd)

    def rows(self, connection: str) -> Iterator[tuple[PushFate, int]]:
        """How many rows of them have come to each fate."""
        return ((fate, self._rows[connection, fate]) for fate in PushFate)
