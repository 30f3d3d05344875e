"""Transfers as database rows and JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from audience_gateway.sdk import CandidatePolicy, Outcome, Reason
from audience_gateway.transfers.model import (
    AudienceRef,
    Failure,
    GuardLimits,
    OutcomeCount,
    ShareRequest,
    Stage,
    StageProgress,
    Transfer,
    TransferState,
)

Record = dict[str, Any]


def request_record(request: ShareRequest) -> Record:
    """A request as JSON."""
    guard = request.guard
    return {
        "source": [request.source.connection, request.source.audience],
        "destination": [request.destination.connection, request.destination.audience],
        "data_source": request.data_source,
        "policy": request.policy.value if request.policy else None,
        "guard": [guard.removed_rows, guard.removed_share] if guard else None,
        "request_id": request.request_id,
    }


def request(record: Record) -> ShareRequest:
    """A request from JSON."""
    return ShareRequest(
        source=AudienceRef(*record["source"]),
        destination=AudienceRef(*record["destination"]),
        data_source=record["data_source"],
        policy=CandidatePolicy(record["policy"]) if record["policy"] else None,
        guard=GuardLimits(*record["guard"]) if record["guard"] else None,
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


def transfer(row: Mapping[str, Any], progress: Sequence[Mapping[str, Any]]) -> Transfer:
    """A transfer from its row and the rows of its progress."""
    stages = list(Stage)
    return Transfer(
        id=row["id"],
        request=request(row["request"]),
        state=TransferState(row["state"]),
        stage=Stage(row["stage"]) if row["stage"] else None,
        progress=tuple(
            sorted(
                (StageProgress(Stage(one["stage"]), one["rows_done"], one["rows_total"]) for one in progress),
                key=lambda one: stages.index(one.stage),
            )
        ),
        failure=Failure(**row["failure"]) if row["failure"] else None,
        outcomes=tuple(_outcome_count(count) for count in row["outcomes"] or ()),
        created=_utc(row["created"]),
        updated=_utc(row["updated"]),
        ended=_utc(row["ended"]) if row["ended"] else None,
    )


def _outcome_count(record: Record) -> OutcomeCount:
    reasons = {Reason(reason): rows for reason, rows in record["reasons"].items()}
    return OutcomeCount(Outcome(record["outcome"]), record["rows"], reasons)


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC)
