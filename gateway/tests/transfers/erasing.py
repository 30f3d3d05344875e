"""Erasures over the transfers of a test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audience_gateway.erasures.attempts import Attempts
from audience_gateway.erasures.clearing import Clearing
from audience_gateway.erasures.erasing import Erasing
from audience_gateway.erasures.erasure_ledger import ErasureLedger
from audience_gateway.erasures.model import Erasure
from audience_gateway.erasures.pace import ErasurePace
from audience_gateway.erasures.places import Places
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.suppression.model import IdsOfPeople
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.engine import Transfers
from audience_gateway.transfers.history import History
from audience_gateway.transfers.received import Received
from audience_gateway.transfers.retention import KeptRows
from systems import Systems

PACE = ErasurePace(first=timedelta(hours=1), give_up=timedelta(days=3), look=timedelta(milliseconds=5))


class ForgottenStreams:
    """Notes which streams are dropped."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def forget_abandoned(self, before: datetime) -> int:
        return 0

    async def forget(self, stream: str) -> None:
        self.forgotten.append(stream)


class Clock:
    """The time, which a test may move on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def erasing_of(transfers: Transfers, state: Path, systems: Systems, clock: Clock) -> Erasing:
    """Erases at the systems, with the files and the database of the transfers."""
    worker = transfers._worker
    suppressions, received = SuppressionList(state / "suppressions"), Received(state / "received")
    streams, history = ForgottenStreams(), History(worker.ledger.engine)

    async def forget_rows(ended: Sequence[str]) -> None:
        await KeptRows(state / "transfers", streams).drop(ended)
        history.note_rows_dropped(ended)

    return Erasing(
        ledger=ErasureLedger(worker.ledger.engine),
        suppressions=suppressions,
        places=Places(worker.ledger.engine, received, worker.snapshots, suppressions),
        connections=systems,
        attempts=Attempts(
            transfers=transfers,
            ledger=worker.ledger,
            connections=systems,
            forget_rows=forget_rows,
            key=worker.receipt_key,
            pace=PACE,
        ),
        clearing=Clearing(
            state=state,
            ledger=worker.ledger,
            connections=systems,
            streams=streams,
            suppressions=suppressions,
            received=received,
            limits=QueryLimits(),
            key=worker.receipt_key,
            pace=PACE,
        ),
        scratch=state / "scratch",
        limits=QueryLimits(),
        now=clock,
    )


def people(names: str) -> IdsOfPeople:
    return IdsOfPeople(ids=list(names), data_sources=["plain"])


async def looked_after(erasing: Erasing, erasure: str, transfers: Transfers) -> Erasure:
    """The erasure once it has ended, or waits for a time that has not come."""
    for _ in range(100):
        await erasing.look()
        found = await erasing.get(erasure)
        under_way = [target.transfer for target in found.targets if target.transfer and target.next_look]
        for transfer in under_way:
            async for _state in transfers.watch(transfer):
                pass
        if found.ended or (not under_way and all(one.attempts for one in found.targets if one.number)):
            await erasing.look()
            return await erasing.get(erasure)
    raise AssertionError("the erasure does not end")
