"""Transfers that are reconciled by partitions: one that is interrupted goes on with the partition that it was at."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from pathlib import Path

from audience_gateway.identity.duckdb_join import DuckDBJoin
from audience_gateway.identity.joining import Question
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session
from audience_gateway.transfers.model import TransferState
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.task import Sizes
from systems import Ids, Record, Records, Row, Systems, transfers_of

from conftest import Gateway, request

NAMES = "abcdefgh"


class Watched:
    """Joins as DuckDB does, notes which partitions it had to do, and is stuck in one of them."""

    def __init__(self, stuck_at: int | None = None) -> None:
        self.done: list[int] = []
        self.stuck_at = stuck_at
        self.reached = threading.Event()
        self.given_up = threading.Event()
        self.join = DuckDBJoin()

    def find(self, session: Session, question: Question, found: Path, missed: Path) -> None:
        if question.partition.number == self.stuck_at:
            self.reached.set()
            self.given_up.wait()
            raise InterruptedError
        if not found.exists():
            self.done.append(question.partition.number)
        self.join.find(session, question, found, missed)


@asynccontextmanager
async def gateway(state: Path, join: Watched, partition_rows: int = 3):
    systems = Systems(
        {
            "source": Ids([Row(name) for name in [*NAMES, "a", "unknown"]]),
            "target": Records(index=[*(Record(name, name) for name in NAMES), Record("b", "a")]),
        }
    )
    options = TransferOptions(state=state, sizes=Sizes(4, 3, partition_rows=partition_rows), join=join)
    async with transfers_of(systems, options) as transfers:
        yield Gateway(transfers)


async def test_a_transfer_goes_on_with_the_partition_that_it_was_interrupted_in(tmp_path):
    stuck, free = Watched(stuck_at=2), Watched()
    try:
        async with gateway(tmp_path, stuck) as opened:
            started = await opened.transfers.start(request())
            await asyncio.to_thread(stuck.reached.wait)
    finally:
        stuck.given_up.set()
    async with gateway(tmp_path, free) as opened:
        ended = await opened.ended(started)
        receipt = await opened.receipt(ended)
    assert ended.state is TransferState.SUCCEEDED
    assert (stuck.done, free.done) == ([0, 1], [2, 3])
    reasons = {reason: rows for count in receipt.outcomes for reason, rows in count.reasons.items()}
    assert reasons == {Reason.ADDED: 8, Reason.SAME_ID: 1, Reason.UNKNOWN_ID: 1}


async def test_rows_are_accounted_for_in_shares_that_are_many(tmp_path):
    async with gateway(tmp_path, Watched(), partition_rows=1) as opened:
        for expected in ({Reason.ADDED: 8}, {Reason.ALREADY_MEMBER: 8}):
            receipt = await opened.receipt(await opened.ended(await opened.transfers.start(request())))
            reasons = {reason: rows for count in receipt.outcomes for reason, rows in count.reasons.items()}
            assert reasons == expected | {Reason.SAME_ID: 1, Reason.UNKNOWN_ID: 1}
