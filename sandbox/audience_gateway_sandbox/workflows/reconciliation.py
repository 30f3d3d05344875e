"""Finds the recipients that ids of a data source stand for, and the ids of recipients (campaign 1.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from audience_gateway_sandbox.campaign.database import Database

VISITOR_KEY = "[trackingLog/@sourceId]"
_TEXTS = ("email", "firstName", "lastName", "middleName", "salutation", "mobilePhone", "phone", "fax", "language")
_COLUMNS = {f"@{name}": name for name in ("id", *_TEXTS)}
_ALGORITHMS = {"md5": "md5", "sha1": "sha1", "sha-1": "sha1", "sha256": "sha256", "sha-256": "sha256"}
_NONE = {"", "none"}
_VISITORS = (
    "SELECT log.source_id, log.recipient_id FROM tracking_log AS log"
    " JOIN recipient ON recipient.id = log.recipient_id WHERE log.source_id <> '' ORDER BY log.log_date, log.id"
)


class ReconciliationError(Exception):
    """A data source that nothing can be reconciled by; the text is for the journal."""


@dataclass(frozen=True, slots=True)
class Key:
    """How ids and recipients meet.

    Attributes:
        expression: `[trackingLog/@sourceId]`, or a text attribute of recipients such as `@email`.
        algorithm: what the value is hashed with before it is compared, as hexadecimal digits; `none` for nothing.
        latest_wins: of several recipients of one id, only the one seen last counts.
        lower_case: the value is compared, and hashed, in small letters.
    """

    expression: str
    algorithm: str = "none"
    latest_wins: bool = False
    lower_case: bool = False

    def of(self, value: object) -> str:
        """Write a value as its id."""
        text = str(value).strip().lower() if self.lower_case else str(value)
        if self.algorithm.lower() in _NONE:
            return text
        return hashlib.new(_ALGORITHMS[self.algorithm.lower()], text.encode(), usedforsecurity=False).hexdigest()

    def check(self) -> None:
        """Raise ReconciliationError if there is no such attribute or algorithm."""
        if self.expression != VISITOR_KEY and self.expression not in _COLUMNS:
            raise ReconciliationError(f"XTK-170036 There is no reconciliation by '{self.expression}'.")
        if self.algorithm.lower() not in _NONE | _ALGORITHMS.keys():
            raise ReconciliationError(f"XTK-170036 There is no hash algorithm '{self.algorithm}'.")


def recipients_of(database: Database, key: Key, ids: Collection[str]) -> dict[str, set[int]]:
    """Find the recipients of each id; ids of nobody are left out. Raises ReconciliationError."""
    key.check()
    wanted = set(ids)
    found: dict[str, set[int]] = {}
    for value, recipient in _all(database, key):
        id_ = key.of(value)
        if id_ in wanted:
            found[id_] = {recipient} if key.latest_wins else found.get(id_, set()) | {recipient}
    return found


def ids_of_list(database: Database, key: Key, group: int) -> tuple[set[str], int]:
    """Find the ids of a list's members, and how many members have none. Raises ReconciliationError."""
    key.check()
    members = {member for (member,) in database.execute(_MEMBERS, (group,))}
    ids: set[str] = set()
    known: set[int] = set()
    for value, recipient in _all(database, key):
        if recipient in members:
            ids.add(key.of(value))
            known.add(recipient)
    return ids, len(members - known)


_MEMBERS = "SELECT recipient_id FROM membership WHERE group_id = ?"


def _all(database: Database, key: Key) -> Iterator[tuple[object, int]]:
    if key.expression == VISITOR_KEY:
        return iter(database.execute(_VISITORS))
    column = _COLUMNS[key.expression]
    named = f'SELECT "{column}", id FROM recipient WHERE CAST("{column}" AS TEXT) <> \'\''  # noqa: S608 - names of ours
    return iter(database.execute(named))
