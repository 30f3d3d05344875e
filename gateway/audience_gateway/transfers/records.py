"""Transfers as database rows and JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from audience_gateway.sdk import CandidatePolicy, Outcome, Reason
from audience_gateway.storage.clock import utc
from audience_gateway.transfers.arrivals import StageArrival
from audience_gateway.transfers.holds import Hold
from audience_gateway.transfers.model import (
    AudienceRef,
    ErasedRef,
    Failure,
    GuardLimits,
    OutcomeCount,
    Priority,
    ShareRequest,
    Source,
    Stage,
    StageProgress,
    StreamRef,
    Transfer,
    TransferMode,
    TransferState,
    UndeliveredRef,
    UndoneRef,
)

Record = dict[str, Any]
CANCEL = "cancel"
"""What stands in the column `control` of a transfer that was cancelled."""
LAPSE = "lapse"
"""The same of one that was withheld for too long, or that a newer one took the place of."""
# No connection has such a name.
_STREAM, _UNDELIVERED, _UNDONE, _ERASED = "/streams", "/transfers", "/undone", "/erasures"


def request_record(request: ShareRequest) -> Record:
    """A request as JSON."""
    guard = request.guard
    return {
        "source": _source_record(request.source),
        "destination": [request.destination.connection, request.destination.audience],
        "data_source": request.data_source,
        "further_data_sources": list(request.further_data_sources),
        "purposes": list(request.purposes),
        "policy": request.policy.value if request.policy else None,
        "guard": _guard_record(guard) if guard else None,
        "mode": request.mode.value,
        "priority": request.priority.value,
        "deadline": request.deadline.isoformat() if request.deadline else None,
        "schedule": request.schedule,
        "dry_run": request.dry_run,
        "create_unknown_records": request.create_unknown_records,
        "request_id": request.request_id,
    }


def request(record: Record) -> ShareRequest:
    """A request from JSON."""
    return ShareRequest(
        source=_source(record["source"]),
        destination=AudienceRef(*record["destination"]),
        data_source=record["data_source"],
        further_data_sources=tuple(record.get("further_data_sources", ())),
        purposes=tuple(record.get("purposes", ())),
        policy=CandidatePolicy(record["policy"]) if record["policy"] else None,
        guard=_guard(*record["guard"]) if record["guard"] else None,
        mode=TransferMode(record.get("mode", TransferMode.REPLACE)),
        priority=Priority(record.get("priority", Priority.NORMAL)),
        deadline=datetime.fromisoformat(record["deadline"]) if record.get("deadline") else None,
        schedule=record.get("schedule", ""),
        dry_run=record.get("dry_run", False),
        create_unknown_records=record.get("create_unknown_records", False),
        request_id=record["request_id"],
    )


def outcomes_record(outcomes: Sequence[OutcomeCount]) -> list[Record]:
    """Counts as JSON."""
    return [
        {
            "outcome": count.outcome.value,
            "rows": count.rows,
            "reasons": {reason.value: rows for reason, rows in count.reasons.items()},
        }
        for count in outcomes
    ]


def failure_record(failure: Failure) -> Record:
    """A failure as JSON."""
    return {"reason": failure.reason, "message": failure.message, "remedy": failure.remedy}


def transfer(
    row: Mapping[str, Any], progress: Sequence[Mapping[str, Any]], arrivals: tuple[StageArrival, ...] = ()
) -> Transfer:
    """A transfer from its row, the rows of its progress, and how it arrives."""
    stages = list(Stage)
    return Transfer(
        id=row["id"],
        number=row["sequence"],
        request=request(row["request"]),
        state=TransferState(row["state"]),
        stage=Stage(row["stage"]) if row["stage"] else None,
        progress=tuple(
            sorted(
                (_stage_progress(one) for one in progress),
                key=lambda one: stages.index(one.stage),
            )
        ),
        failure=Failure(**row["failure"]) if row["failure"] else None,
        outcomes=tuple(_outcome_count(count) for count in row["outcomes"] or ()),
        arrivals=arrivals,
        holds=tuple(Hold.of(hold) for hold in row["holds"] or ()),
        cancel_requested=row["control"] == CANCEL,
        created=utc(row["created"]),
        updated=utc(row["updated"]),
        ended=utc(row["ended"]) if row["ended"] else None,
    )


def _guard_record(guard: GuardLimits) -> list[float | None]:
    stale_after = guard.stale_after
    seconds = None if stale_after is None else stale_after.total_seconds()
    return [guard.removed_rows, guard.removed_share, guard.match_points, guard.match_rows, seconds]


def _guard(
    removed_rows: int | None,
    removed_share: float | None,
    match_points: float | None = None,
    match_rows: int | None = None,
    stale_seconds: float | None = None,
) -> GuardLimits:
    stale_after = None if stale_seconds is None else timedelta(seconds=stale_seconds)
    return GuardLimits(removed_rows, removed_share, match_points, match_rows, stale_after)


def _source_record(source: Source) -> list[str]:
    match source:
        case AudienceRef(connection, audience):
            return [connection, audience]
        case StreamRef(stream):
            return [_STREAM, stream]
        case UndeliveredRef(transfer):
            return [_UNDELIVERED, transfer]
        case UndoneRef(transfer):
            return [_UNDONE, transfer]
        case ErasedRef(erasure):
            return [_ERASED, erasure]


def _source(record: Sequence[str]) -> Source:
    kind, name = record
    if kind == _STREAM:
        return StreamRef(name)
    if kind == _UNDELIVERED:
        return UndeliveredRef(name)
    if kind == _UNDONE:
        return UndoneRef(name)
    if kind == _ERASED:
        return ErasedRef(name)
    return AudienceRef(kind, name)


def _stage_progress(one: Mapping[str, Any]) -> StageProgress:
    began, updated = one["began"], one["updated"]
    return StageProgress(
        Stage(one["stage"]),
        one["rows_done"],
        one["rows_total"],
        utc(began) if began else None,
        utc(updated) if updated else None,
    )


def _outcome_count(record: Record) -> OutcomeCount:
    reasons = {Reason(reason): rows for reason, rows in record["reasons"].items()}
    return OutcomeCount(Outcome(record["outcome"]), record["rows"], reasons)
