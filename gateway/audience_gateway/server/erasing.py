"""Puts together what erases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from audience_gateway.erasures.attempts import Attempts
from audience_gateway.erasures.clearing import Clearing
from audience_gateway.erasures.erasing import Erasing
from audience_gateway.erasures.erasure_ledger import ErasureLedger
from audience_gateway.erasures.pace import ErasurePace
from audience_gateway.erasures.places import Places
from audience_gateway.server.settings import ErasureSettings, GatewaySettings
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.history import History
from audience_gateway.transfers.received import Received
from audience_gateway.transfers.retention import KeptRows
from audience_gateway.transfers.service import TransferService
from audience_gateway.transfers.worker import Worker


def erases(settings: GatewaySettings, worker: Worker, transfers: TransferService, rows: KeptRows) -> Erasing:
    """What erases at all connections of a worker and in its files."""
    state, database, pace = worker.options.state, worker.ledger.engine, _pace(settings.erasures)
    suppressions, received = SuppressionList(state / "suppressions"), Received(state / "received")
    history = History(database)

    async def forget_rows(ended: Sequence[str]) -> None:
        await rows.drop(ended)
        await asyncio.to_thread(history.note_rows_dropped, ended)

    return Erasing(
        ledger=ErasureLedger(database),
        suppressions=suppressions,
        places=Places(database, received, worker.snapshots, suppressions),
        connections=worker.connections,
        attempts=Attempts(
            transfers=transfers,
            ledger=worker.ledger,
            connections=worker.connections,
            forget_rows=forget_rows,
            key=worker.receipt_key,
            pace=pace,
        ),
        clearing=Clearing(
            state=state,
            ledger=worker.ledger,
            connections=worker.connections,
            streams=rows.streams,
            suppressions=suppressions,
            received=received,
            limits=worker.options.limits,
            key=worker.receipt_key,
            pace=pace,
        ),
        scratch=state / "scratch",
        limits=worker.options.limits,
        now=lambda: datetime.now(UTC),
    )


def _pace(settings: ErasureSettings) -> ErasurePace:
    return ErasurePace(
        first=timedelta(seconds=settings.retry_seconds),
        longest=timedelta(hours=settings.longest_hours),
        give_up=timedelta(days=settings.give_up_days),
    )
