"""What the shares of the demo must come to, told without the gateway: by the seed, the database, and the file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = ("delivered", "unchanged", "unmatched", "rejected", "suppressed", "duplicate", "withheld")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a receipt must say.

    Attributes:
        rows_read: rows of the source.
        reasons: rows by reason; no others may occur.
        leavers: members that must be removed.
    """

    rows_read: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    leavers: int = 0

    def complaints(self, receipt: Mapping[str, Any]) -> list[str]:
        """How a receipt differs; empty if it does not."""
        reasons = {reason: rows for by_reason in receipt["reasons"].values() for reason, rows in by_reason.items()}
        checks = {
            "rows_read": (receipt["rows_read"], self.rows_read),
            "the seven outcomes": (tuple(receipt["outcomes"]), tuple(sorted(OUTCOMES))),
            "the sum of the outcomes": (sum(receipt["outcomes"].values()), receipt["rows_read"]),
            "the sum of the reasons": (sum(reasons.values()), receipt["rows_read"]),
            "reasons": (reasons, dict(self.reasons)),
            "removals": (receipt["removals"]["removed"], self.leavers),
        }
        return [
            f"{name}: found {found}, expected {wanted}" for name, (found, wanted) in checks.items() if found != wanted
        ]


def of_facts(day: Mapping[str, Any]) -> Expectation:
    """What the seed says of one day's share."""
    return Expectation(day["rows"], day["reasons"], day["leavers"])


def of_return(day: Mapping[str, Any]) -> Expectation:
    """What the seed says of sharing the list back by e-mail: members without one have no id."""
    with_email = day["list_members_with_email"]
    reasons = {"added": with_email, "no_id": day["list_members"] - with_email}
    return Expectation(day["list_members"], {reason: rows for reason, rows in reasons.items() if rows})


def of_repeat(day: Mapping[str, Any]) -> Expectation:
    """What was added is unchanged when nothing has changed."""
    reasons = dict(day["reasons"])
    reasons["already_member"] = reasons.pop("added") + reasons.get("already_member", 0)
    return Expectation(day["rows"], reasons)


PROFILES = Expectation(
    rows_read=8,
    reasons={"added": 3, "same_id": 1, "opted_out": 1, "unknown_id": 1, "invalid_id": 1, "malformed_row": 1},
)
"""What profiles.csv holds, line by line."""


def list_members(database: sqlite3.Connection, name: str) -> list[int]:
    """Recipients in a list of Campaign, in ascending order."""
    query = "SELECT recipient_id FROM membership JOIN list_group ON id = group_id WHERE name = ? ORDER BY recipient_id"
    return [recipient for (recipient,) in database.execute(query, [name])]


def members_hash(members: list[int]) -> str:
    """Hash of a list's members, as the seed's facts have it."""
    return hashlib.sha256("\n".join(map(str, members)).encode()).hexdigest()


def email_hashes(database: sqlite3.Connection, members: list[int]) -> set[str]:
    """SHA-256 of the members' e-mails, trimmed and in lower case."""
    wanted = set(members)
    rows = database.execute("SELECT id, email FROM recipient")
    emails = {email.strip().lower() for recipient, email in rows if recipient in wanted and email}
    return {hashlib.sha256(email.encode()).hexdigest() for email in emails}
