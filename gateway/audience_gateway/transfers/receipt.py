"""Stage receipt: the account of a transfer as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from audience_gateway import __version__
from audience_gateway.sdk import Outcome, Reason, find_recipe
from audience_gateway.transfers.model import OutcomeCount, Receipt, RemovalCount, TransferState
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a receipt says about a transfer that ends.

    Attributes:
        state: how it ended.
        created: when it was accepted.
        rows_read: rows read from the source.
        source_complete: whether these are all.
        outcomes: all seven, which sum to the rows read.
        removals: the members that left.
        members_before: members of the snapshot that it started from.
        members_after: members of the snapshot now.
        content_hash: SHA-256 over those of the chunks that were read, in hex.
    """

    state: TransferState
    created: datetime
    rows_read: int
    source_complete: bool
    outcomes: tuple[OutcomeCount, ...]
    removals: RemovalCount
    members_before: int
    members_after: int
    content_hash: str


def receipt_text(task: Task, account: Account) -> str:
    """The canonical JSON of a receipt."""
    recipe = find_recipe(task.source.recipe)
    document = {
        "transfer": f"transfers/{task.id}",
        "source": str(task.request.source),
        "source_complete": account.source_complete,
        "destination": str(task.request.destination),
        "data_source": f"dataSources/{task.source.name}",
        "id_type": task.source.id_type,
        "recipe": recipe.label if recipe else task.source.recipe,
        "codec": task.source.codec.value,
        "candidate_policy": task.policy.value,
        "mode": task.request.mode.value,
        "state": account.state.value,
        "rows_read": account.rows_read,
        "content_hash": account.content_hash,
        "outcomes": {count.outcome.value: count.rows for count in account.outcomes},
        "reasons": {
            count.outcome.value: {reason.value: rows for reason, rows in count.reasons.items()}
            for count in account.outcomes
        },
        "removals": {name: getattr(account.removals, name) for name in RemovalCount.__dataclass_fields__},
        "snapshot": {"members_before": account.members_before, "members_after": account.members_after},
        "gateway_version": __version__,
        "create_time": account.created.isoformat(timespec="milliseconds"),
        "end_time": task.now().isoformat(timespec="milliseconds"),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


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
        source_complete=document.get("source_complete", True),
    )
