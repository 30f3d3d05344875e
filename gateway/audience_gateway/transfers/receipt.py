"""Stage receipt: the account of a transfer as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audience_gateway import __version__
from audience_gateway.identity.normalisation import recipe_label
from audience_gateway.sdk import Outcome, Reason
from audience_gateway.transfers.canonical import canonical
from audience_gateway.transfers.holds import Hold
from audience_gateway.transfers.model import OutcomeCount, Receipt, RemovalCount, SourceCount, TransferState
from audience_gateway.transfers.signing import Signature, SigningKey
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
        holds: the times that a guard held it back.
        by_source: rows by data source and reason, where there are several.
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
    holds: tuple[Hold, ...] = ()
    by_source: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedText:
    """A receipt as it is kept.

    Attributes:
        text: its canonical JSON.
        signature: the signature over it; None for one from before receipts were signed.
    """

    text: str
    signature: Signature | None


def signed_receipt(task: Task, account: Account, key: SigningKey) -> SignedText:
    """The receipt of a transfer that ends, signed."""
    text = canonical(_document(task, account))
    return SignedText(text, key.sign(text))


def _document(task: Task, account: Account) -> dict[str, Any]:
    return {
        "transfer": f"transfers/{task.id}",
        "source": str(task.request.source),
        "source_complete": account.source_complete,
        "destination": str(task.request.destination),
        "data_source": f"dataSources/{task.source.name}",
        "id_type": task.source.id_type,
        "recipe": recipe_label(task.source),
        "codec": task.source.codec.value,
        "candidate_policy": task.policy.value,
        "purposes": list(task.purposes),
        "mode": task.request.mode.value,
        "dry_run": task.request.dry_run,
        "create_unknown_records": task.request.create_unknown_records,
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
        "holds": [_hold(hold) for hold in account.holds],
        "gateway_version": __version__,
        "create_time": _time(account.created),
        "end_time": _time(task.now()),
    } | (_several(task, account.by_source) if task.further else {})


def _several(task: Task, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    return {
        "data_sources": [
            {
                "data_source": f"dataSources/{way.source.name}",
                "id_type": way.source.id_type,
                "recipe": recipe_label(way.source),
                "codec": way.source.codec.value,
                "rows": sum(reasons.values()),
                "reasons": dict(reasons),
            }
            for way in task.ways
            for reasons in [counts.get(way.source.name, {})]
        ]
    }


def _hold(hold: Hold) -> dict[str, Any]:
    release = hold.release
    return {
        "findings": [{"reason": finding.reason.value, "message": finding.message} for finding in hold.findings],
        "withhold_time": _time(hold.began),
        "release": {"reason": release.reason, "time": _time(release.time)} if release else None,
        "superseded_by": f"transfers/{hold.superseded_by}" if hold.superseded_by else "",
    }


def _time(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")


def receipt(transfer: str, kept: SignedText) -> Receipt:
    """The receipt from its canonical JSON."""
    document = json.loads(kept.text)
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
        canonical_json=kept.text,
        source_complete=document.get("source_complete", True),
        dry_run=document.get("dry_run", False),
        signature=kept.signature.value if kept.signature else b"",
        key_id=kept.signature.key_id if kept.signature else "",
        by_source=tuple(_source_count(one) for one in document.get("data_sources", ())),
    )


def _source_count(record: Mapping[str, Any]) -> SourceCount:
    return SourceCount(
        data_source=record["data_source"].removeprefix("dataSources/"),
        id_type=record["id_type"],
        recipe=record["recipe"],
        codec=record["codec"],
        rows=record["rows"],
        reasons={Reason(reason): rows for reason, rows in record["reasons"].items()},
    )
