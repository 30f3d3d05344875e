"""A gateway on the loopback, with a real server and channel in front of a core that is kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import grpc
import grpc.aio
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from audience_gateway.api.replays import Replays
from audience_gateway.identity.explanation import Candidate, Explanation, Rule, WouldMatch
from audience_gateway.identity.service import Match, Reconciliation
from audience_gateway.identity.shared_ids import SharedIds
from audience_gateway.jobs.in_memory import InMemoryEngine
from audience_gateway.plugins.configuration import ConnectionConfiguration, DataSourceConfiguration
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.registry import LoadFailure, Origin, Registered, Registry
from audience_gateway.plugins.resolution import resolve
from audience_gateway.pushes.intake import PushIntake
from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.schedules import Schedules
from audience_gateway.sdk import (
    Audience,
    Bucket,
    CandidatePolicy,
    Codec,
    ConfigError,
    ConnectorSpec,
    Context,
    DataSource,
    Diagnostic,
    Normalised,
    Outcome,
    Reason,
    Settings,
    Severity,
    Transient,
)
from audience_gateway.server.app import App, build
from audience_gateway.server.core import Core
from audience_gateway.storage.requests import RequestLog
from audience_gateway.storage.schema import METADATA
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.member_streams import IntakeLimits, MemberStreams
from audience_gateway.streams.stream_ledger import StreamLedger
from audience_gateway.transfers.holds import Release
from audience_gateway.transfers.match_report import MatchReport, TrialState, WouldMatchRows, match_counts
from audience_gateway.transfers.model import (
    AudienceRef,
    OutcomeCount,
    Receipt,
    RemovalCount,
    ShareRequest,
    Stage,
    StageProgress,
    Transfer,
    TransferMode,
    TransferState,
    UndeliveredRef,
    UndoneRef,
)
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.service import OutcomeQuery, TransferNotEnded, TransferNotFound
from audience_gateway.transfers.signing import SigningKey, VerifyingKey
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from privacy import Erasing, Suppressing

ORIGIN = Origin("shop", "gateway-shop", "1.2")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class ShopSettings(Settings):
    """A shop has this many audiences, and may be closed."""

    audiences: int = 3
    closed: bool = False


class Bare:
    """A connector that can do nothing but open and close."""

    def __init__(self, settings: ShopSettings, context: Context) -> None:
        self._settings = settings

    async def open(self) -> None:
        if self._settings.closed:
            raise Transient("the shop is closed", place="shop.example", remedy="Come again.")

    async def check(self) -> Sequence[Diagnostic]:
        return [Diagnostic(Severity.INFO, "it is open"), Diagnostic(Severity.WARNING, "it is crowded", "shop", "Wait.")]

    async def close(self) -> None:
        return


class Shop(Bare):
    """A connector with a catalogue."""

    async def list_audiences(self) -> AsyncIterator[Audience]:
        for number in range(self._settings.audiences):
            yield Audience(id=f"list-{number}", title=f"List {number}", size=number, updated=NOON)

    async def get_audience(self, audience: str) -> Audience | None:
        found = [one async for one in self.list_audiences() if one.id == audience]
        return found[0] if found else None


class Card:
    """A strategy that keeps ids as they are, but for torn ones."""

    id_type = "card"
    title = "Card"
    description = "The number of a card."

    def check(self, source: DataSource) -> None:
        return

    def normalise(self, ids: pa.StringArray, source: DataSource, *, encoded: bool) -> Normalised:
        valid = pc.fill_null(pc.not_equal(ids, "torn"), False)
        reasons = pc.case_when(
            pc.make_struct(valid, pc.is_null(ids)), pa.scalar(None, pa.string()), Reason.NO_ID, Reason.INVALID_ID
        )
        return Normalised(pc.if_else(valid, ids, pa.scalar(None, pa.string())), reasons)


def transfer(name: str, **changes: Any) -> Transfer:
    """A transfer that runs."""
    request = ShareRequest(
        source=AudienceRef("corner", "list-0"),
        destination=AudienceRef("corner", "list-1"),
        data_source="cards",
        policy=CandidatePolicy.LATEST,
    )
    running = Transfer(
        id=name, request=request, state=TransferState.RUNNING, stage=Stage.EXTRACT, created=NOON, updated=NOON
    )
    return replace(running, **changes)


@dataclass
class Transfers:
    """Transfers that someone else runs; `raises` is raised by everything."""

    kept: list[Transfer] = field(default_factory=list)
    rows: list[RowOutcome] = field(default_factory=list)
    started: list[ShareRequest] = field(default_factory=list)
    raises: Exception | None = None

    async def start(self, request: ShareRequest) -> Transfer:
        self._raise()
        self.started.append(request)
        return transfer(f"t-{len(self.started)}", state=TransferState.PENDING, stage=None)

    async def get(self, transfer: str) -> Transfer:
        self._raise()
        for one in self.kept:
            if one.id == transfer:
                return one
        raise TransferNotFound(transfer)

    async def list(self, *, after: str = "", limit: int) -> list[Transfer]:
        names = [one.id for one in self.kept]
        begin = names.index(after) + 1 if after else 0
        return self.kept[begin : begin + limit]

    async def watch(self, transfer: str) -> AsyncIterator[Transfer]:
        running = await self.get(transfer)
        yield replace(running, progress=(StageProgress(Stage.EXTRACT, 1, 2),))
        if running.id == "endless":
            await asyncio.Event().wait()
        yield replace(running, state=TransferState.SUCCEEDED, ended=NOON)

    async def cancel(self, transfer: str) -> Transfer:
        return replace(await self.get(transfer), cancel_requested=True)

    async def pause(self, transfer: str) -> Transfer:
        return replace(await self.get(transfer), state=TransferState.PAUSED)

    async def resume(self, transfer: str) -> Transfer:
        return await self.get(transfer)

    async def release(self, transfer: str, reason: str, *, request_id: str = "") -> Transfer:
        found = await self.get(transfer)
        hold = replace(found.holds[0], release=Release(reason, NOON, request_id))
        released = replace(found, state=TransferState.RUNNING, holds=(hold,))
        self.kept = [released if one.id == transfer else one for one in self.kept]
        return released

    async def retry(self, transfer: str, *, request_id: str = "") -> Transfer:
        found = await self.get(transfer)
        return await self.start(replace(found.request, source=UndeliveredRef(transfer), request_id=request_id))

    async def outcomes(self, query: OutcomeQuery) -> Sequence[RowOutcome]:
        await self._ended(query.transfer)
        found = [row for row in self.rows if row.row > query.after_row]
        found = [row for row in found if query.outcome in {None, row.outcome} and query.reason in {None, row.reason}]
        return [row if query.reveal_ids else replace(row, id=None) for row in found[: query.limit]]

    async def export_outcomes(self, query: OutcomeQuery) -> AsyncGenerator[pa.RecordBatch]:
        found = await self.outcomes(replace(query, limit=len(self.rows)))
        columns = [
            pa.array([getattr(row, name) for row in found], type_)
            for name, type_ in zip(query.columns.names, query.columns.types, strict=True)
        ]
        yield pa.record_batch(columns, schema=query.columns)

    async def undo(self, transfer: str, *, request_id: str = "") -> Transfer:
        found = await self.get(transfer)
        request = replace(found.request, source=UndoneRef(transfer), mode=TransferMode.UNDO, request_id=request_id)
        return await self.start(request)

    async def receipt(self, transfer: str) -> Receipt:
        await self._ended(transfer)
        counts = (OutcomeCount(Outcome.DELIVERED, 2, {Reason.ADDED: 2}),)
        return Receipt(
            transfer=transfer, rows_read=2, outcomes=counts, removals=RemovalCount(leavers=1), canonical_json="{}"
        )

    def receipt_key(self) -> VerifyingKey:
        return SigningKey.new().verifying

    async def _ended(self, transfer: str) -> None:
        if not (await self.get(transfer)).state.ended:
            raise TransferNotEnded(transfer)

    def _raise(self) -> None:
        if self.raises:
            raise self.raises


@dataclass
class Matching:
    """One report, of any transfer."""

    async def report(self, transfer: str) -> MatchReport:
        rule = Rule("cards", "card", "trim@1", Codec.NONE)
        return MatchReport(
            transfer=transfer,
            connection="corner",
            rule=rule,
            policy=CandidatePolicy.ALL,
            rows_read=9,
            counts=match_counts((OutcomeCount(Outcome.UNMATCHED, 9, {Reason.UNKNOWN_ID: 9}),)),
            trial=TrialState.TRIED,
            rows_to_try=9,
            rows_tried=8,
            rows_matching_now=1,
            would_match=(WouldMatchRows("the ids were whole", "Do not tear them.", rule, 2),),
            index_read=NOON,
            shared_ids=SharedIds(4, 3, 2, 12_000),
        )


class Identities:
    """Every id stands for itself, but the empty one for nothing."""

    policy: CandidatePolicy | None = None

    encoded: bool | None = None

    async def explain(
        self, connection: str, data_source: str, id_: str, policy: CandidatePolicy | None = None, *, encoded: bool
    ) -> Explanation:
        self.policy, self.encoded = policy, encoded
        rule = Rule(data_source, "card", "trim@1", Codec.NONE)
        return Explanation(
            rule=rule,
            encoded=encoded,
            id_fingerprint="aaa",
            value_fingerprint="bbb",
            key_fingerprint="ccc",
            index_entries=7,
            index_read=NOON,
            records=1,
            shared_by_many=True,
            candidates=(Candidate("ddd", NOON, opted_out=True, expired=False, chosen=False),),
            policy=CandidatePolicy.LATEST,
            reason=Reason.OPTED_OUT,
            would_match=(WouldMatch("the ids were whole", "Do not tear them.", rule, 2, "it is not known how"),),
        )

    async def reconcile(
        self, connection: str, data_source: str, ids: Sequence[str], policy: CandidatePolicy | None = None
    ) -> list[Reconciliation]:
        self.policy = policy
        return [Reconciliation((Match(one, NOON, 0.5),)) if one else Reconciliation((), Reason.NO_ID) for one in ids]


def core(connections: dict[str, dict[str, Any]] | None = None, *, connector: type[Bare] = Shop) -> Core:
    """A core with some shops as connections."""
    shop = ConnectorSpec(name="shop", summary="A shop.", connector=connector, settings=ShopSettings, create=connector)
    registry = Registry(
        connectors=MappingProxyType({"shop": Registered(shop, ORIGIN)}),
        reconcilers=MappingProxyType({"card": Registered(Card(), ORIGIN)}),
        failures=(LoadFailure(Origin("kiosk", "gateway-kiosk", "0.1"), "it is broken.", "Update it."),),
    )
    configured = {"corner": {}} if connections is None else connections
    resolved = resolve(
        registry,
        {name: ConnectionConfiguration(connector="shop", settings=settings) for name, settings in configured.items()},
        {},
        {"cards": DataSourceConfiguration(id_type="card", reconciliation_key="@card")},
    )
    open_connections, transfers, database = Connections(registry, resolved, _no_bucket), Transfers(), _database()
    files = ChunkFiles(Path("/nowhere"))  # tests of streams bring their own
    return Core(
        registry,
        open_connections,
        transfers,
        Matching(),
        Identities(),
        Suppressing(),
        Erasing(),
        MemberStreams(StreamLedger(database), files, open_connections, transfers, IntakeLimits()),
        Schedules(ScheduleLedger(database), InMemoryEngine(lambda *_: None).schedules, transfers, open_connections),
        PushIntake({}, PushLedger(database), 1),
        Replays(RequestLog(database)),
        b"key",
    )


@asynccontextmanager
async def serving(core: Core) -> AsyncIterator[tuple[App, grpc.aio.Channel]]:
    """A server in front of the core, and a channel to it."""
    async with core.connections:
        app = build(core, "127.0.0.1:0")
        await app.server.start()
        options = [("grpc.enable_http_proxy", 0)]
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{app.port}", options=options) as channel:
                yield app, channel
        finally:
            await app.server.stop(None)


def refusal(error: grpc.aio.AioRpcError) -> tuple[grpc.StatusCode, str, error_details_pb2.ErrorInfo]:
    """Status code, reason and ErrorInfo of a refused call."""
    info = detail(error, error_details_pb2.ErrorInfo())
    assert info.domain == "audience-gateway"
    return error.code(), info.reason, info


def detail(error: grpc.aio.AioRpcError, empty: Any) -> Any:
    """The one detail of that type."""
    status: status_pb2.Status | None = rpc_status.from_call(error)
    assert status is not None
    found: list[Message] = [one for one in status.details if one.Is(empty.DESCRIPTOR)]
    assert len(found) == 1
    assert found[0].Unpack(empty)
    return empty


def _database() -> sa.Engine:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    METADATA.create_all(engine)
    return engine


def _no_bucket(url: str) -> Bucket:
    raise ConfigError("there are no buckets here", place=url)
