"""Two small systems in memory: one that holds ids, one that holds records with an identity index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from audience_gateway.jobs.engine import Job, JobEngine
from audience_gateway.jobs.in_memory import InMemoryEngine
from audience_gateway.sdk import (
    ConfigError,
    Connector,
    DataSource,
    Diagnostic,
    EventKind,
    IndexBatch,
    IndexPage,
    IndexRequest,
    MemberBatch,
    MemberPage,
    Normalised,
    ReadRequest,
    Reason,
    Reconciler,
    Refusal,
    WritePromise,
    WriteRequest,
    WriteResult,
)
from audience_gateway.storage.schema import METADATA
from audience_gateway.transfers.engine import Transfers
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.signing import SigningKey
from audience_gateway.transfers.snapshot_ledger import SnapshotLedger
from audience_gateway.transfers.snapshots import Snapshots
from audience_gateway.transfers.turns import AtOnce
from audience_gateway.transfers.worker import Worker


@dataclass
class Row:
    """A row that a source reads."""

    id: str | None
    opted_out: bool = False
    defect: Reason | str | None = None
    further: tuple[str | None, ...] = ()
    leaves: bool = False


@dataclass
class Record:
    """An entry of an identity index."""

    id: str
    target: str
    day: int = 1
    opted_out: bool = False


class _Core:
    async def open(self) -> None:
        return

    async def check(self) -> Sequence[Diagnostic]:
        return ()

    async def close(self) -> None:
        return


@dataclass
class Ids(_Core):
    """Holds ids: reads rows in pages of two, takes and loses ids."""

    rows: list[Row] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    refuses: set[str] = field(default_factory=set)
    encoded: bool = False
    fail: Callable[[str], None] = lambda call: None

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        at = int(request.after or 0)
        for first in range(at, len(self.rows), 2):
            self.fail("read")
            page = self.rows[first : first + 2]
            batch = MemberBatch.of(
                [row.id for row in page],
                opted_out=[row.opted_out for row in page],
                defects=[row.defect for row in page],
                leaves=[row.leaves for row in page],
            )
            yield MemberPage(batch, str(first + len(page)), encoded=self.encoded)

    def write_promise(self) -> WritePromise:
        return WritePromise.IDEMPOTENT_BY_KEY

    async def write_members(self, request: WriteRequest) -> WriteResult:
        self.fail("write")
        return self._change(request, self.held.update)

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        self.fail("remove")
        return self._change(request, self.held.difference_update)

    def _change(self, request: WriteRequest, change: Callable[[set[str]], None]) -> WriteResult:
        targets = request.batch.targets.to_pylist()
        refused = tuple(Refusal(index, "E1", "no") for index, one in enumerate(targets) if one in self.refuses)
        change(set(targets) - self.refuses)
        return WriteResult(len(targets) - len(refused), refused)


@dataclass
class Records(Ids):
    """Holds records: ids are reconciled with its index."""

    index: list[Record] = field(default_factory=list)

    def reconciles(self, source: DataSource) -> bool:
        return True

    async def read_index(self, request: IndexRequest) -> AsyncIterator[IndexPage]:
        at = int(request.after or 0)
        for first in range(at, len(self.index), 2):
            page = self.index[first : first + 2]
            yield IndexPage(entries_of(page), str(first + len(page)))


def entries_of(records: Sequence[Record]) -> IndexBatch:
    """The entries of some records."""
    columns = [
        pa.array([record.id for record in records], pa.string()),
        pa.array([record.target for record in records], pa.string()),
        pa.array([datetime(2026, 1, record.day, tzinfo=UTC) for record in records], pa.timestamp("us", "UTC")),
        pa.array([record.opted_out for record in records], pa.bool_()),
    ]
    return IndexBatch(pa.record_batch(columns, schema=IndexBatch.SCHEMA))


class Plain:
    """A strategy that takes any id but `bad`, whatever its case."""

    id_type = "plain"
    title = "Plain ID"
    description = "Any text."

    def check(self, source: DataSource) -> None:
        return

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
        lower = pc.utf8_lower(ids)
        valid = pc.fill_null(pc.not_equal(lower, "bad"), False)
        reasons = pc.if_else(pc.is_null(ids), Reason.NO_ID.value, Reason.INVALID_ID.value)
        null = pa.scalar(None, pa.string())
        return Normalised(pc.if_else(valid, lower, null), pc.if_else(valid, null, reasons))


@dataclass
class Systems:
    """Connections by name, as the core asks for them."""

    systems: dict[str, Connector]
    strategy: Reconciler = field(default_factory=Plain)
    events: list[tuple[EventKind, str]] = field(default_factory=list)
    expire_days: float = 0.0
    purposes: tuple[str, ...] = ()
    changes: dict[str, dict[str, object]] = field(default_factory=dict)

    def observe(self, kind: EventKind, transfer: str) -> None:
        self.events.append((kind, transfer))

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[Connector]:
        if name not in self.systems:
            raise ConfigError("there is no such connection", place=f"connections.{name}")
        connector = self.systems[name]
        await connector.open()
        try:
            yield connector
        finally:
            await connector.close()

    def settings_digest(self, name: str) -> str:
        return name

    def data_source(self, name: str) -> DataSource:
        settings = {"id_type": "plain", "expire_days": self.expire_days, "purposes": self.purposes}
        return DataSource(**{"name": name, **settings, **self.changes.get(name, {})})

    def data_sources(self) -> Sequence[DataSource]:
        return [self.data_source(name) for name in sorted({"plain", *self.changes})]

    def reconciler(self, id_type: str) -> Reconciler:
        return self.strategy


class NoStreams:
    """There are no streams."""

    async def rows(self, stream: str) -> int | None:
        return None

    async def pages(self, stream: str, after: str | None) -> AsyncIterator[MemberPage]:
        raise NotImplementedError
        yield


@asynccontextmanager
async def transfers_of(
    systems: Systems, options: TransferOptions, jobs: Callable[[Job], JobEngine] = InMemoryEngine
) -> AsyncIterator[Transfers]:
    """Transfers between the systems, by default on the engine in memory; state is that of the options' directory."""
    engine = sa.create_engine(f"sqlite:///{options.state}/gateway.db")
    METADATA.create_all(engine)
    worker = Worker(
        ledger=Ledger(engine),
        snapshots=Snapshots(options.state / "snapshots", SnapshotLedger(engine)),
        connections=systems,
        streams=NoStreams(),
        turns=AtOnce(),
        options=options,
        receipt_key=SigningKey.new(),
        observe=systems.observe,
    )
    transfers = Transfers(worker, jobs)
    await transfers.launch()
    try:
        yield transfers
    finally:
        await transfers.stop()
        engine.dispose()
