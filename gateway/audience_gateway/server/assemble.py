"""Puts a core together from settings."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from audience_gateway.api.replays import Replays
from audience_gateway.api.rights import Rights
from audience_gateway.identity.identities import Identities
from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.joining import Join
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.jobs.engine import Job, Occurrence, StepResult, Steps
from audience_gateway.plugins.configuration import HttpConfiguration
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.limits import ConnectionLimits
from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.registry import Registry
from audience_gateway.plugins.resolution import resolve
from audience_gateway.pushes.access import Doorman
from audience_gateway.pushes.intake import Gate, PushIntake
from audience_gateway.pushes.kept_pushes import KeptPushes
from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.occurrences import Occurrences
from audience_gateway.schedules.schedules import Schedules
from audience_gateway.sdk import Bucket, Event, EventKind
from audience_gateway.server import kept_keys
from audience_gateway.server.core import Core
from audience_gateway.server.erasing import erases
from audience_gateway.server.housekeeping import Chore, keeping_house
from audience_gateway.server.join_choice import chosen_join
from audience_gateway.server.settings import (
    ArrivalSettings,
    GatewaySettings,
    GuardSettings,
    IndexSettings,
    ReceiverSettings,
    RetentionSettings,
    StorageSettings,
    TransferSettings,
)
from audience_gateway.storage import BucketCredentials, Waits, open_bucket
from audience_gateway.storage.database import connect
from audience_gateway.storage.migrate import migrate
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.storage.requests import RequestLog
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.kept_streams import KeptStreams
from audience_gateway.streams.member_streams import IntakeLimits, MemberStreams
from audience_gateway.streams.stream_ledger import StreamLedger
from audience_gateway.suppression.merging import Merging
from audience_gateway.suppression.suppressing import Suppressing
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.arrival_asking import Asking
from audience_gateway.transfers.arrival_ledger import ArrivalLedger
from audience_gateway.transfers.arrival_polling import ArrivalPolling, Pace
from audience_gateway.transfers.engine import Transfers
from audience_gateway.transfers.history import History
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.matching import Matching
from audience_gateway.transfers.model import GuardLimits
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.retention import Keeping, KeptRows, Retention
from audience_gateway.transfers.retries import RetryPolicy
from audience_gateway.transfers.snapshot_ledger import SnapshotLedger
from audience_gateway.transfers.snapshots import Snapshots
from audience_gateway.transfers.streams import Streams
from audience_gateway.transfers.task import Sizes
from audience_gateway.transfers.worker import Worker

_SWEEP_SECONDS = 3600.0
_ERASE_SECONDS = 1.0
_LOOK_SECONDS = 30.0  # until a delivery is first asked about, which it is once its transfer has ended


@asynccontextmanager
async def assemble(settings: GatewaySettings) -> AsyncIterator[Core]:
    """A core that runs until the block ends. Raises ConfigError for what is configured wrong."""
    registry = load(installed(), block=settings.plugins.block)
    resolved = resolve(registry, settings.connections, settings.credentials, settings.data_sources)
    state = settings.storage.state.absolute()
    state.mkdir(parents=True, exist_ok=True)
    address = database_url(settings.storage)
    async with (
        chosen_join(settings.transfers, state / "scratch") as join,
        _database(address) as database,
        Connections(
            registry, resolved, _buckets(settings.http), settings.http, partial(KeptPushes, PushLedger(database))
        ) as connections,
    ):
        pushed = PushLedger(database)
        chunks, files = StreamLedger(database), ChunkFiles(state / "streams")
        kept = KeptStreams(chunks, files)
        worker = _worker(settings, registry, database=database, connections=connections, streams=kept, join=join)
        scheduled = ScheduleLedger(database)

        def occur(schedule: str, due: datetime, context: StepResult, steps: Steps) -> None:
            Occurrences(scheduled, transfers, worker.ledger)(schedule, due, context, steps)

        transfers = Transfers(worker, partial(_engine, settings, address, occur))
        indexes = KeptIndexes(
            connections,
            IndexStore(state / "indexes"),
            _limits(settings.transfers),
            _index_limits(settings.indexes, settings.transfers.index_seconds),
            _people_limits(settings.indexes),
        )
        matching = Matching(
            transfers=transfers,
            connections=connections,
            indexes=indexes,
            workspace=worker.workspace,
            sample_rows=settings.transfers.match_sample_rows,
        )
        suppressions = SuppressionList(state / "suppressions")
        merging = Merging(
            suppressions, state / "scratch", _limits(settings.transfers), settings.retention.request_hours * 3600
        )
        limits = IntakeLimits(settings.streams.window, settings.streams.chunk_rows)
        streams = MemberStreams(chunks, files, connections, transfers, limits)
        retention = Retention(
            _keeping(settings.retention),
            KeptRows(state / "transfers", streams),
            History(database),
            transfers.forget,
            RequestLog(database),
        )
        arrivals = _arrivals(settings.arrivals, worker)
        erasing = erases(settings, worker, transfers, KeptRows(state / "transfers", streams))
        await transfers.launch()
        schedules = Schedules(scheduled, transfers.schedules, transfers, connections)
        chores = (
            Chore(lambda: retention.sweep(datetime.now(UTC)), _SWEEP_SECONDS),
            Chore(lambda: transfers.end_waits(datetime.now(UTC)), _LOOK_SECONDS),
            Chore(lambda: _forget_pushed(pushed, settings.retention), _SWEEP_SECONDS),
            Chore(erasing.look, _ERASE_SECONDS),
            Chore(partial(asyncio.to_thread, merging.sweep), _SWEEP_SECONDS),
            Chore(arrivals.look, min(settings.arrivals.poll_seconds, _LOOK_SECONDS)),
        )
        pushes = _intake(connections, pushed, settings.receiver)
        try:
            async with keeping_house(*chores):
                await schedules.launch()
                yield Core(
                    registry,
                    connections,
                    transfers,
                    matching,
                    Identities(connections, indexes, suppressions),
                    Suppressing(suppressions, connections, state / "scratch", _limits(settings.transfers)),
                    erasing,
                    streams,
                    schedules,
                    pushes,
                    Replays(RequestLog(database)),
                    kept_keys.page_token_key(state),
                    Rights(tuple(caller.named(name) for name, caller in settings.callers.items())),
                )
        finally:
            await arrivals.close()
            await transfers.stop()
            await asyncio.to_thread(streams.close)
            await asyncio.to_thread(pushes.close)


def _intake(connections: Connections, ledger: PushLedger, settings: ReceiverSettings) -> PushIntake:
    gates = {
        name: Gate(receiver, Doorman(name, access, lambda: datetime.now(UTC)))
        for name, receiver in connections.push_receivers().items()
        if (access := receiver.push_access())
    }
    return PushIntake(gates, ledger, settings.seconds)


async def _forget_pushed(ledger: PushLedger, settings: RetentionSettings) -> None:
    await asyncio.to_thread(ledger.forget, datetime.now(UTC) - timedelta(days=settings.rows_days))


def _buckets(http: HttpConfiguration) -> Callable[[str, BucketCredentials | None], Bucket]:
    waits = Waits(connect=http.connect_seconds, read=http.read_seconds, call=http.call_seconds)
    return partial(open_bucket, waits=waits)


def database_url(settings: StorageSettings) -> str:
    """Where the database is."""
    return settings.database.reveal() if settings.database else f"sqlite:///{settings.state.absolute() / 'gateway.db'}"


@asynccontextmanager
async def _database(address: str) -> AsyncIterator[sa.Engine]:
    database = connect(address)
    try:
        await asyncio.to_thread(migrate, database)
        yield database
    finally:
        await asyncio.to_thread(database.dispose)


def _engine(settings: GatewaySettings, address: str, occurrence: Occurrence, job: Job) -> DurableEngine:
    places = {name: connection.limits.transfers for name, connection in settings.connections.items()}
    lease = settings.transfers.lease_seconds
    return DurableEngine(address, job, occurrence=occurrence, queues=places, lease_seconds=lease)


def _worker(
    settings: GatewaySettings,
    registry: Registry,
    *,
    database: sa.Engine,
    connections: Connections,
    streams: Streams,
    join: Join,
) -> Worker:
    def observe(kind: EventKind, transfer: str) -> None:
        registry.notify(Event(kind, f"transfers/{transfer}", datetime.now(UTC)))

    state = settings.storage.state.absolute()
    limits = {name: connection.limits.of_calls for name, connection in settings.connections.items()}
    return Worker(
        ledger=Ledger(database),
        snapshots=Snapshots(state / "snapshots", SnapshotLedger(database)),
        connections=connections,
        streams=streams,
        turns=ConnectionLimits(limits),
        options=_options(settings.transfers, settings.indexes, state, join),
        receipt_key=kept_keys.receipt_key(state, settings.receipts),
        observe=observe,
        places=threading.BoundedSemaphore(settings.transfers.concurrency),
    )


def _arrivals(settings: ArrivalSettings, worker: Worker) -> ArrivalPolling:
    return ArrivalPolling(
        ArrivalLedger(worker.ledger.engine),
        Asking(worker.connections, worker.turns, timedelta(seconds=settings.answer_seconds)),
        Pace(every=timedelta(seconds=settings.poll_seconds), give_up=timedelta(hours=settings.give_up_hours)),
        worker.observe,
        lambda: datetime.now(UTC),
    )


def _options(settings: TransferSettings, indexes: IndexSettings, state: Path, join: Join) -> TransferOptions:
    return TransferOptions(
        state=state,
        sizes=Sizes(settings.chunk_rows, settings.deliver_rows, settings.partition_rows),
        limits=_limits(settings),
        guard=_guard(settings.guard),
        withheld_for=timedelta(days=settings.withheld_days),
        indexes=_index_limits(indexes, indexes.fresh_seconds),
        people=_people_limits(indexes),
        retries=RetryPolicy(attempts=settings.attempts, patience=settings.patience_seconds),
        join=join,
    )


def _index_limits(settings: IndexSettings, fresh_seconds: float) -> IndexLimits:
    return IndexLimits(
        fresh=timedelta(seconds=fresh_seconds),
        rebuild=timedelta(hours=settings.rebuild_hours),
        shrunk_rows=settings.shrunk_rows,
        shrunk_share=settings.shrunk_share,
    )


def _people_limits(settings: IndexSettings) -> PeopleLimits:
    return PeopleLimits(settings.many_people, settings.too_many_people)


def _guard(settings: GuardSettings) -> GuardLimits:
    return GuardLimits(
        removed_rows=settings.removed_rows,
        removed_share=settings.removed_share,
        match_points=settings.match_points,
        match_rows=settings.match_rows,
        stale_after=timedelta(hours=settings.stale_hours),
    )


def _keeping(settings: RetentionSettings) -> Keeping:
    return Keeping(
        rows=timedelta(days=settings.rows_days),
        history=timedelta(days=settings.history_days),
        requests=timedelta(hours=settings.request_hours),
        streams=timedelta(hours=settings.stream_hours),
    )


def _limits(settings: TransferSettings) -> QueryLimits:
    return QueryLimits(settings.memory_limit, settings.threads)
