"""Takes pushes in: what the connector reads in one is kept before it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from audience_gateway.pushes.access import Doorman
from audience_gateway.pushes.push_counts import PushCounts
from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.sdk import Permanent, Push, PushFate, PushReceiver

_THREADS = 4


@dataclass(frozen=True, slots=True)
class Gate:
    """A connection that takes pushes.

    Attributes:
        receiver: reads them.
        doorman: lets those in who may push.
    """

    receiver: PushReceiver
    doorman: Doorman


class PushIntake:
    """The connections that take pushes.

    Args:
        gates: by name of the connection.
        ledger: where pushes are kept.
        seconds: within this time a push is kept, or refused.
    """

    def __init__(self, gates: Mapping[str, Gate], ledger: PushLedger, seconds: float) -> None:
        self.gates = gates
        self.counts = PushCounts()
        """What this process has counted."""
        self._ledger = ledger
        self._seconds = seconds
        self._workers = ThreadPoolExecutor(_THREADS, thread_name_prefix="pushes")

    async def take(self, connection: str, body: bytes) -> Mapping[PushFate, int]:
        """Keeps a push, and counts what became of its rows.

        Raises Permanent for a body that is none, which counts as one row; TimeoutError and Transient if it could not be
        kept in time: it may come again.
        """
        push, refusal = Push(not_kept={PushFate.MALFORMED: 1}), None
        try:
            push = self.gates[connection].receiver.read_push(body)
        except Permanent as error:
            refusal = error
        keeping = asyncio.get_running_loop().run_in_executor(
            self._workers, self._ledger.keep, connection, push, self._seconds
        )
        async with asyncio.timeout(self._seconds):
            fates = await keeping
        self.counts.fared(connection, fates)
        if refusal is not None:
            raise refusal
        return fates

    def close(self) -> None:
        """Waits for pushes that are being kept."""
        self._workers.shutdown()
