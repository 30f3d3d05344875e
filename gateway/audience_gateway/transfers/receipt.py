"""Stage receipt: the account of a transfer as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from audience_gateway import __version__
from audience_gateway.sdk import Outcome, Reason
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.transfers.model import OutcomeCount, Receipt, RemovalCount
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task


def outcome_counts(reasons: Mapping[str, int]) -> tuple[OutcomeCount, ...]:
    """All seven outcomes, from rows by reason."""
    by_reason = {Reason(reason): rows for reason, rows in reasons.items()}
    return tuple(
        OutcomeCount(
            outcome,
            sum(rows for reason, rows in by_reason.items() if reason.outcome is outcome),
            {reason: by_reason[reason] for reason in sorted(by_reason) if reason.outcome is outcome},
        )
        for outcome in Outcome
    )


def write_receipt(
    task: Task,
    plan: Plan,
    *,
    rows_read: int,
    outcomes: tuple[OutcomeCount, ...],
    removals: RemovalCount,
    snapshot_members: int,
    created: datetime,
) -> None:
    """Writes the receipt into the workspace."""
    document = {
        "transfer": f"transfers/{task.id}",
        "source": str(task.request.source),
        "destination": str(task.request.destination),
        "data_source": f"dataSources/{task.source.name}",
        "id_type": task.source.id_type,
        "candidate_policy": task.policy.value,
        "rows_read": rows_read,
        "outcomes": {count.outcome.value: count.rows for count in outcomes},
        "reasons": {
            count.outcome.value: {reason.value: rows for reason, rows in count.reasons.items()} for count in outcomes
        },
        "removals": {name: getattr(removals, name) for name in RemovalCount.__dataclass_fields__},
        "snapshot": {"members_before": plan.snapshot_members, "members_after": snapshot_members},
        "gateway_version": __version__,
        "create_time": created.isoformat(timespec="milliseconds"),
        "end_time": task.now().isoformat(timespec="milliseconds"),
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with replacing(task.workspace.file("receipt.json")) as temporary:
        temporary.write_text(text, encoding="utf-8")


def receipt(transfer: str, text: str) -> Receipt:
    """The receipt from its canonical JSON."""
    document = json.loads(text)
    outcomes = tuple(
        OutcomeCount(
            outcome,
            document["outcomes"][outcome.value],
            {Reason(reason): rows for reason, rows in document["reasons"][outcome.value].items()},
        )
        for outcome in Outcome
    )
    return Receipt(
        transfer=transfer,
        rows_read=document["rows_read"],
        outcomes=outcomes,
        removals=RemovalCount(**document["removals"]),
        canonical_json=text,
    )
