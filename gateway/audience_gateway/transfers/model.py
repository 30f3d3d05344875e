"""The values of a transfer: what was asked for, how far it is, and what became of every row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from audience_gateway.sdk import CandidatePolicy, Outcome, Reason
from audience_gateway.transfers.arrivals import StageArrival
from audience_gateway.transfers.holds import Hold


class Stage(StrEnum):
    """The stages of a transfer, in their order."""

    PLAN = "plan"
    EXTRACT = "extract"
    NORMALISE = "normalise"
    RECONCILE = "reconcile"
    COMPARE = "compare"
    GUARD = "guard"
    DELIVER = "deliver"
    SETTLE = "settle"
    RECEIPT = "receipt"


class TransferState(StrEnum):
    """Where a transfer is in its life."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PAUSED = "paused"
    WITHHELD = "withheld"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self not in {
            TransferState.PENDING,
            TransferState.RUNNING,
            TransferState.PAUSED,
            TransferState.WITHHELD,
        }


class TransferMode(StrEnum):
    """What a transfer makes of the destination's audience.

    What the source holds; that and what it held before; what it held before without what the source holds; what it
    held before with the changes that the source holds; what it held before an earlier transfer; what it held before
    without those who are erased.
    """

    REPLACE = "replace"
    ADD_ONLY = "add_only"
    REMOVE_ONLY = "remove_only"
    DELTA = "delta"
    UNDO = "undo"
    ERASE = "erase"

    @property
    def names_leavers(self) -> bool:
        """Whether those leave whom rows of the source name, and nobody leaves for not being there."""
        return self in {TransferMode.REMOVE_ONLY, TransferMode.DELTA, TransferMode.UNDO, TransferMode.ERASE}

    @property
    def takes_changes(self) -> bool:
        """Whether a source may hold only what has changed: nobody is left out or leaves for not being there."""
        return self in {TransferMode.ADD_ONLY, TransferMode.DELTA}

    @property
    def creates(self) -> bool:
        """Whether an audience that is not there is created."""
        return self not in {TransferMode.REMOVE_ONLY, TransferMode.UNDO, TransferMode.ERASE}


class Priority(StrEnum):
    """Which of several waiting transfers to one destination begins first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class AudienceRef:
    """An audience by its connection and its id there."""

    connection: str
    audience: str

    def __str__(self) -> str:
        return f"connections/{self.connection}/audiences/{self.audience}"


@dataclass(frozen=True, slots=True)
class StreamRef:
    """Members that came in by a stream of WriteMembers, by the stream's id."""

    stream: str

    def __str__(self) -> str:
        return f"streams/{self.stream}"


@dataclass(frozen=True, slots=True)
class UndeliveredRef:
    """The rows of an ended transfer that may still be delivered: refused, not sent, or sent without an answer."""

    transfer: str

    def __str__(self) -> str:
        return f"transfers/{self.transfer}"


@dataclass(frozen=True, slots=True)
class UndoneRef:
    """The members that an ended transfer has added or removed, which are to be removed or added back."""

    transfer: str

    def __str__(self) -> str:
        return f"transfers/{self.transfer}"


@dataclass(frozen=True, slots=True)
class ErasedRef:
    """The keys of the ids that an erasure names, which are to be removed."""

    erasure: str

    def __str__(self) -> str:
        return f"erasures/{self.erasure}"


Source: TypeAlias = AudienceRef | StreamRef | UndeliveredRef | UndoneRef | ErasedRef
"""What a transfer reads."""


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """A transfer with removals above both of the first limits is withheld, and one that is beyond another limit.

    Each may be None: a request leaves it to the gateway then, and the gateway does not look.

    Attributes:
        removed_rows: removals up to this number are never held back.
        removed_share: removals up to this share of the last snapshot, 0 to 1, are never held back.
        match_points: by so many points, hundredths of the valid rows, the match rate may fall.
        match_rows: match rates of fewer rows are not compared.
        stale_after: how long ago the source may have been refreshed; 0 for any time.
    """

    removed_rows: int | None = 1000
    removed_share: float | None = 0.2
    match_points: float | None = None
    match_rows: int | None = None
    stale_after: timedelta | None = None

    def filled(self, other: GuardLimits) -> GuardLimits:
        """With what it leaves open taken from others."""
        return replace(
            self,
            removed_rows=other.removed_rows if self.removed_rows is None else self.removed_rows,
            removed_share=other.removed_share if self.removed_share is None else self.removed_share,
            match_points=other.match_points if self.match_points is None else self.match_points,
            match_rows=other.match_rows if self.match_rows is None else self.match_rows,
            stale_after=other.stale_after if self.stale_after is None else self.stale_after,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRequest:
    """What a client asks for.

    Attributes:
        source: what to read.
        destination: audience to write.
        data_source: name of the data source of the ids.
        further_data_sources: names of others, in order of preference: a row whose id the destination does not know goes
            by that of the next one.
        purposes: what the members are shared for; empty for what the data source names.
        policy: overrides the data source's policy.
        guard: overrides the gateway's limits.
        mode: what to make of the destination's audience.
        priority: which of several waiting transfers begins first.
        deadline: when it is given up if it has not ended, in UTC; None for never.
        schedule: name of the schedule that asks for it; empty if none does.
        dry_run: whether it only finds out what would become of every row, and changes nothing.
        create_unknown_records: whether rows whose id no record has get one that is created.
        request_id: set by the client to make a repeat of the request safe; empty if it was not.
    """

    source: Source
    destination: AudienceRef
    data_source: str
    policy: CandidatePolicy | None = None
    guard: GuardLimits | None = None
    mode: TransferMode = TransferMode.REPLACE
    priority: Priority = Priority.NORMAL
    deadline: datetime | None = None
    schedule: str = ""
    dry_run: bool = False
    request_id: str = ""
    further_data_sources: tuple[str, ...] = ()
    create_unknown_records: bool = False
    purposes: tuple[str, ...] = ()

    @property
    def data_sources(self) -> tuple[str, ...]:
        """All, in order of preference."""
        return self.data_source, *self.further_data_sources


def transfer_id_of(request_id: str) -> str:
    """Id of the transfer that the request of that id starts; a new one if the request has none."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, request_id) if request_id else uuid.uuid4())


@dataclass(frozen=True, slots=True)
class StageProgress:
    """How far one stage is, in rows.

    Attributes:
        stage: the stage.
        rows_done: rows done.
        rows_total: rows in all; None while not known.
        began: when its first rows were done, or begun; None if not noted.
        updated: when `rows_done` last changed; None if not noted.
    """

    stage: Stage
    rows_done: int
    rows_total: int | None = None
    began: datetime | None = None
    updated: datetime | None = None

    @property
    def rows_per_second(self) -> float:
        """Rows done in a second since the stage began; 0 while that cannot be said."""
        if self.began is None or self.updated is None or self.updated <= self.began:
            return 0.0
        return self.rows_done / (self.updated - self.began).total_seconds()

    @property
    def estimated_end(self) -> datetime | None:
        """When the stage will end at this rate; None if that cannot be said, and once it has ended."""
        rate = self.rows_per_second
        if self.updated is None or self.rows_total is None or not rate or self.rows_done >= self.rows_total:
            return None
        return self.updated + timedelta(seconds=(self.rows_total - self.rows_done) / rate)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a transfer failed: a reason of the API's closed list, and texts without ids, tokens or passwords."""

    reason: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Rows that ended in one outcome, and by reason; the reasons sum to the rows."""

    outcome: Outcome
    rows: int
    reasons: dict[Reason, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceCount:
    """Rows that went by one data source of several.

    Attributes:
        data_source: its name.
        id_type: name of its id type.
        recipe: its recipe with the version.
        codec: its codec.
        rows: the rows.
        reasons: of these, by reason.
    """

    data_source: str
    id_type: str
    recipe: str
    codec: str
    rows: int
    reasons: dict[Reason, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalCount:
    """What became of the members of the last snapshot that had to leave; the other five sum to the leavers."""

    leavers: int = 0
    removed: int = 0
    refused: int = 0
    withheld: int = 0
    not_supported: int = 0
    in_doubt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The account of a finished transfer.

    Attributes:
        transfer: id of the transfer.
        rows_read: rows of the source; the outcomes sum to it.
        outcomes: all seven, in the order of `Outcome`.
        removals: the members that left.
        canonical_json: the whole receipt as it is kept: sorted keys, no blanks.
        source_complete: whether all rows of the source were read.
        dry_run: whether it says what would have become of the rows, and nothing was changed.
        signature: Ed25519 over the UTF-8 bytes of `canonical_json`; empty for one from before receipts were signed.
        key_id: id of the key that signed it; empty as well.
        by_source: rows by data source, in their order, where the transfer had several; rows that cannot be read are
            not among them.
    """

    transfer: str
    rows_read: int
    outcomes: tuple[OutcomeCount, ...]
    removals: RemovalCount
    canonical_json: str
    source_complete: bool = True
    dry_run: bool = False
    signature: bytes = b""
    key_id: str = ""
    by_source: tuple[SourceCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One run of sharing an audience.

    Attributes:
        id: its id, lower-case letters, digits and dashes.
        number: grows from one transfer that is accepted to the next.
        request: what was asked for, with policy and guard filled in.
        state: where it is in its life.
        stage: the stage that is going on, or the last one; None before the first.
        progress: the stages that have begun.
        failure: why it failed, if it did.
        outcomes: rows by outcome; empty until it ends, and while it is withheld how it would end.
        arrivals: how what it delivered stands with the stages of its destination; empty until it ends, and where the
            connector cannot say.
        holds: the times that a guard held it back, the last one at the end.
        cancel_requested: whether it was cancelled and ends at the next boundary of a chunk.
        created: when it was accepted.
        updated: when it last changed.
        ended: when it ended; None until then.
    """

    id: str
    number: int = 0
    request: ShareRequest
    state: TransferState
    stage: Stage | None = None
    progress: tuple[StageProgress, ...] = ()
    failure: Failure | None = None
    outcomes: tuple[OutcomeCount, ...] = ()
    arrivals: tuple[StageArrival, ...] = ()
    holds: tuple[Hold, ...] = ()
    cancel_requested: bool = False
    created: datetime
    updated: datetime
    ended: datetime | None = None
