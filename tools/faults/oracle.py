"""The oracle: whether what a gateway says of a transfer is what the destination holds, and what it should hold."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from ledger import Entry

_SAME = ("rows_read", "source_complete", "content_hash", "outcomes", "reasons", "removals", "snapshot", "state")
_OUTCOMES = 7


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one transfer.

    Attributes:
        lost: members that the destination should hold and does not.
        doubled: members that it was given more than once.
        untrue: where ledger and receipt say what is not so; each is a false success.
        unended: whether the transfer did not end in bounded time.
    """

    lost: int = 0
    doubled: int = 0
    untrue: tuple[str, ...] = field(default=())
    unended: bool = False

    @property
    def survived(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.untrue or self.unended)

    @property
    def complaints(self) -> list[str]:
        """What is wrong, in words."""
        found = {
            "the transfer did not end": self.unended,
            f"{self.lost} members were lost": self.lost,
            f"{self.doubled} members were doubled": self.doubled,
        }
        return [*self.untrue, *(finding for finding, true in found.items() if true)]

    def __or__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.untrue + other.untrue,
            self.unended or other.unended,
        )


def complete(expected: AbstractSet[str], held: AbstractSet[str], doubled: int) -> Verdict:
    """Of a transfer that succeeded: the destination holds all members, each given to it once, and nobody else."""
    lost, strangers = len(expected - held), len(held - expected)
    untrue = []
    if lost:
        untrue.append(f"it succeeded, and {lost} members are not there")
    if strangers:
        untrue.append(f"{strangers} are there who are no members")
    return Verdict(lost, doubled, tuple(untrue))


def consistent(entry: Entry) -> Verdict:
    """Whether the receipt adds up and agrees with the chunks in the ledger."""
    receipt = entry.receipt
    if receipt is None:
        return Verdict(untrue=(f"it ended as {entry.state} without a receipt",))
    added = _reason(receipt, "delivered", "added")
    found = {
        "the outcomes are not seven": len(receipt["outcomes"]) != _OUTCOMES,
        "the outcomes do not sum to the rows read": sum(receipt["outcomes"].values()) != receipt["rows_read"],
        "reasons do not sum to their outcome": any(
            sum(receipt["reasons"][outcome].values()) != rows for outcome, rows in receipt["outcomes"].items()
        ),
        "the ledger has another state": entry.state != receipt["state"],
        "the ledger has other rows read": _read(entry, receipt) != receipt["rows_read"],
        "the ledger has other rows delivered": entry.rows("add", "sent") != added,
        "the ledger has other rows removed": entry.rows("remove", "sent") != receipt["removals"]["removed"],
        "chunks are under way after the end": receipt["state"] == "succeeded"
        and any(chunk.state in {"claimed", "sending"} for chunk in entry.chunks),
    }
    return Verdict(untrue=tuple(finding for finding, true in found.items() if true))


def same(receipt: Mapping[str, Any], undisturbed: Mapping[str, Any]) -> Verdict:
    """Whether a receipt says what that of an undisturbed run says."""
    return Verdict(
        untrue=tuple(
            f"its {name} differ from an undisturbed run" for name in _SAME if receipt[name] != undisturbed[name]
        )
    )


def truthful(
    receipt: Mapping[str, Any],
    delivered: AbstractSet[str],
    before: AbstractSet[str],
    source: AbstractSet[str],
    held: AbstractSet[str],
) -> Verdict:
    """Of a transfer that ended before its time: the destination holds just what the receipt says.

    Args:
        receipt: its receipt.
        delivered: the members in the rows that it says were delivered.
        before: what the destination held before.
        source: the members of the source.
        held: what the destination holds now.
    """
    gone = before - held
    untrue = []
    missing, strangers = len(delivered - held), len(held - before - delivered)
    if missing:
        untrue.append(f"{missing} members that it calls delivered are not there")
    if strangers:
        untrue.append(f"{strangers} members are there that it does not call delivered")
    if gone & source:
        untrue.append(f"{len(gone & source)} members of the source were removed")
    if len(gone) != receipt["removals"]["removed"]:
        untrue.append(f"{len(gone)} members were removed, and it says {receipt['removals']['removed']}")
    return Verdict(lost=missing + len(gone & source), untrue=tuple(untrue))


def _read(entry: Entry, receipt: Mapping[str, Any]) -> int:
    # A chunk that was kept just before the transfer was ended is not among the rows read.
    kept = entry.rows("extract", "kept")
    return kept if receipt["source_complete"] else min(kept, receipt["rows_read"])


def _reason(receipt: Mapping[str, Any], outcome: str, reason: str) -> int:
    rows: int = receipt["reasons"][outcome].get(reason, 0)
    return rows
