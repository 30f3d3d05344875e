"""What became of the rows of a transfer, as tests expect it."""

from __future__ import annotations

from typing import Any

OUTCOMES = ("delivered", "unchanged", "unmatched", "rejected", "suppressed", "duplicate", "withheld")


def reasons(receipt: dict[str, Any]) -> dict[str, int]:
    """The rows by outcome and reason; their sums are the outcomes, and these are all rows."""
    assert receipt["outcomes"].keys() == set(OUTCOMES)
    assert sum(receipt["outcomes"].values()) == receipt["rows_read"]
    for outcome, rows in receipt["outcomes"].items():
        assert sum(receipt["reasons"][outcome].values()) == rows
    return {f"{outcome}/{reason}": rows for outcome in OUTCOMES for reason, rows in receipt["reasons"][outcome].items()}


def counted(**rows: int) -> dict[str, int]:
    """Rows by outcome and reason, those of none left out: `rejected__no_id=3` are three of `rejected/no_id`."""
    return {name.replace("__", "/"): number for name, number in rows.items() if number}
