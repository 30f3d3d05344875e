"""Transfers that have ended, or wait to be released, once they are asked for, all in memory: for properties."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch
from uuid import uuid4

import duckdb
import sqlalchemy as sa
from audience_gateway.jobs.engine import Submission
from audience_gateway.jobs.in_memory import InMemoryEngine
from audience_gateway.sdk import CandidatePolicy, Reason
from audience_gateway.storage import relations
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.storage.schema import METADATA
from audience_gateway.transfers.engine import Transfers
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import (
    AudienceRef,
    GuardLimits,
    Receipt,
    ShareRequest,
    Source,
    Transfer,
    TransferMode,
    TransferState,
)
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.service import OutcomeQuery
from audience_gateway.transfers.signing import SigningKey
from audience_gateway.transfers.snapshot_ledger import SnapshotLedger
from audience_gateway.transfers.snapshots import Snapshots, members
from audience_gateway.transfers.task import Sizes
from audience_gateway.transfers.turns import AtOnce
from audience_gateway.transfers.worker import Worker
from hypothesis import settings
from sqlalchemy.pool import QueuePool
from systems import Ids, NoStreams, Row, Systems

T = TypeVar("T")
SOURCE = AudienceRef("source", "all")
ANY = GuardLimits(removed_rows=1_000_000, removed_share=1.0)
_MEMORY = Path("/dev/shm")  # noqa: S108  # each example has a directory of its own in there
_KEY = SigningKey.new()
# One connection, which transactions of several threads have one after the other.
_DATABASE = sa.create_engine(
    "sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, connect_args={"check_same_thread": False}
)
METADATA.create_all(_DATABASE)
with _DATABASE.connect() as _connection:
    _EMPTY = _connection.connection.driver_connection.serialize()
# What all examples query with, as opening one takes longer than most stages; no session sees what others name.
_QUERIES = relations._opened(QueryLimits(), tempfile.gettempdir())

_LOOK_SECONDS = 0.01

few = settings(max_examples=max(10, settings.default.max_examples // 25))
"""For properties whose examples are whole transfers, which take a hundred times as long as others."""


class _Waiting(InMemoryEngine):
    async def submit(self, submission: Submission) -> None:
        await super().submit(submission)
        await asyncio.to_thread(self._wait)


class _Runner(asyncio.Runner):
    """Looks for no interrupt of its own: to do that for each call takes as long as a stage."""

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        return self.get_loop().run_until_complete(coroutine)


@dataclass(frozen=True)
class Shares:
    """Transfers from `source` to a destination of their own at `target`."""

    transfers: Transfers
    runner: _Runner
    state: Path
    source: Ids
    target: Ids
    destination: AudienceRef
    systems: Systems

    def share(
        self,
        rows: list[Row],
        mode: TransferMode = TransferMode.REPLACE,
        policy: CandidatePolicy | None = CandidatePolicy.ALL,
        guard: GuardLimits = ANY,
        *,
        then: tuple[str, ...] = (),
        failing: bool = False,
        source: Source = SOURCE,
        purposes: tuple[str, ...] = (),
    ) -> Transfer:
        """Shares some rows, by the data source `plain` and then by others; only one that is failing may fail."""
        self.source.rows = rows
        request = ShareRequest(
            source=source,
            destination=self.destination,
            data_source="plain",
            further_data_sources=then,
            purposes=purposes,
            policy=policy,
            guard=guard,
            mode=mode,
        )
        return self._ended(self.runner.run(self.transfers.start(request)), failing=failing)

    def retry(self, transfer: Transfer) -> Transfer:
        """Shares the rows of a transfer that were not delivered."""
        return self._ended(self.runner.run(self.transfers.retry(transfer.id)))

    def undo(self, transfer: Transfer) -> Transfer:
        """Takes a transfer back."""
        return self._ended(self.runner.run(self.transfers.undo(transfer.id)))

    def cancel(self, transfer: Transfer) -> Transfer:
        """Ends a transfer that is withheld."""
        return self._ended(self.runner.run(self._cancelled(transfer)))

    async def _cancelled(self, transfer: Transfer) -> Transfer:
        found = await self.transfers.cancel(transfer.id)
        while not found.state.ended:
            await asyncio.sleep(_LOOK_SECONDS)
            found = await self.transfers.get(transfer.id)
        return found

    def receipt(self, transfer: Transfer) -> Receipt:
        return self.runner.run(self.transfers.receipt(transfer.id))

    def reasons(self, transfer: Transfer) -> list[Reason]:
        """The reason of each row, in the order of rows; each row has to have one."""
        rows = self.runner.run(self.transfers.outcomes(OutcomeQuery(transfer=transfer.id, limit=1000)))
        assert [row.row for row in rows] == list(range(1, len(rows) + 1))
        return [row.reason for row in rows]

    def snapshot(self) -> set[tuple[str, bool]]:
        """The members of the newest snapshot, and whether they are certain."""
        files = sorted((self.state / "snapshots").glob("*/*.parquet"), key=lambda path: int(path.name[:8]))
        if not files:
            return set()
        return set(duckdb.execute(f"SELECT target, certain FROM ({members(files[-1])})").fetchall())

    def _ended(self, transfer: Transfer, *, failing: bool = False) -> Transfer:
        found = self.runner.run(self.transfers.get(transfer.id))
        assert found.state.ended or found.state is TransferState.WITHHELD
        assert failing or found.failure is None, found.failure
        return found


@contextmanager
def shares(target: Ids, chunk_rows: int = 3, source: Ids | None = None) -> Iterator[Shares]:
    """Shares to a target; files are in memory where the machine has room for that."""
    state = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
    with _DATABASE.connect() as connection:
        connection.connection.driver_connection.deserialize(_EMPTY)
    source = source or Ids()
    systems = Systems({"source": source, "target": target})
    worker = Worker(
        ledger=Ledger(_DATABASE),
        snapshots=Snapshots(state / "snapshots", SnapshotLedger(_DATABASE)),
        connections=systems,
        streams=NoStreams(),
        turns=AtOnce(),
        options=TransferOptions(state=state, sizes=Sizes(chunk_rows, 2, partition_rows=4)),
        receipt_key=_KEY,
        observe=systems.observe,
    )
    transfers = Transfers(worker, _Waiting)
    destination = AudienceRef("target", uuid4().hex)
    try:
        with _Runner() as runner, patch.object(relations, "_opened", lambda *_: _QUERIES.cursor()):
            runner.run(transfers.launch())
            yield Shares(transfers, runner, state, source, target, destination, systems)
            runner.run(transfers.stop())
    finally:
        shutil.rmtree(state)
