"""What the stages of one transfer share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.joining import Join
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import CandidatePolicy, DataSource, Reconciler
from audience_gateway.storage.relations import Relations
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.chunk_ledger import ChunkLedger
from audience_gateway.transfers.model import GuardLimits, ShareRequest, Transfer
from audience_gateway.transfers.paced_progress import PacedProgress
from audience_gateway.transfers.received import Received
from audience_gateway.transfers.snapshots import Snapshots
from audience_gateway.transfers.streams import Streams
from audience_gateway.transfers.turns import Turns
from audience_gateway.transfers.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done at a time.

    Attributes:
        chunk_rows: rows of a chunk while reading and normalising.
        deliver_rows: members of a chunk while delivering.
        partition_rows: rows or records that are reconciled at a time, about.
    """

    chunk_rows: int = 300_000
    deliver_rows: int = 10_000
    partition_rows: int = 3_000_000


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reconcile rows.

    Attributes:
        source: the data source of the ids.
        strategy: the reconciliation strategy of their id type.
    """

    source: DataSource
    strategy: Reconciler


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One transfer, with everything that its stages work with.

    Attributes:
        id: id of the transfer.
        request: what was asked for.
        created: when it was asked for.
        source: the data source of the ids.
        strategy: the reconciliation strategy of their id type.
        further: the same of further data sources, in order of preference.
        policy: what to do with an id that hits several records.
        guard: limits above which the transfer is withheld.
        connections: the connections.
        workspace: where its files are.
        relations: queries over these files.
        join: finds the records that ids stand for.
        snapshots: what was delivered to the destination before.
        received: what destinations have received.
        suppressions: the ids that must not be shared.
        indexes: identity indexes as they were read before.
        index_limits: when an index is read, and when what was read is not put to use.
        people: how many people may have one id.
        streams: members that have come in by streams.
        chunks: its chunks in the ledger.
        turns: whose turn it is to call a connection.
        heed: raises EndsEarly if the transfer is to end before its time.
        held_by: answers the other transfer that is paused half-way to the same destination; None if there is none.
        waiting_before: answers an older transfer of the same source to the same destination that is withheld; None if
            there is none.
        last_delivered: answers the last transfer of the same source to the same destination that succeeded, if any.
        still_ours: raises Stopped if another process may have taken the transfer over.
        sizes: how much is done at a time.
        progress: is told stage, rows done and rows in all (None: not known).
        now: the time, in UTC.
    """

    id: str
    request: ShareRequest
    created: datetime
    source: DataSource
    strategy: Reconciler
    further: tuple[Way, ...]
    policy: CandidatePolicy
    guard: GuardLimits
    connections: Connections
    workspace: Workspace
    relations: Relations
    join: Join
    snapshots: Snapshots
    received: Received
    suppressions: SuppressionList
    indexes: IndexStore
    index_limits: IndexLimits
    people: PeopleLimits
    streams: Streams
    chunks: ChunkLedger
    turns: Turns
    heed: Callable[[], Awaitable[None]]
    held_by: Callable[[], str | None]
    waiting_before: Callable[[], str | None]
    last_delivered: Callable[[], Transfer | None]
    still_ours: Callable[[], None]
    sizes: Sizes
    progress: PacedProgress
    now: Callable[[], datetime]

    @property
    def purposes(self) -> tuple[str, ...]:
        """What the members are shared for; empty for anything."""
        return self.request.purposes or self.source.purposes

    @property
    def ways(self) -> tuple[Way, ...]:
        """All ways, in order of preference."""
        return Way(self.source, self.strategy), *self.further
