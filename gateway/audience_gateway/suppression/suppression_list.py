"""The list itself: Parquet files of changes, each written once. Of two changes of a key the later one counts.

An id is in there by its key and nothing else: the key that transfers join by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session, files, literal
from audience_gateway.suppression.model import EVERY_PURPOSE, Change, Keys, Suppression, SuppressionKind

COLUMNS = {
    "key": "UUID",
    "data_source": "VARCHAR",
    "kind": "VARCHAR",
    "purpose": "VARCHAR",
    "held": "BOOLEAN",
    "changed": "BIGINT",
    "request": "VARCHAR",
}
"""Columns of a file with their DuckDB types; `changed` is in microseconds since 1970, in UTC."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HELD = "coalesce(max(changed) FILTER (held), -1) >= coalesce(max(changed) FILTER (NOT held), 0)"


@dataclass(frozen=True, slots=True)
class SuppressionList:
    """The list of a gateway, for all of its processes.

    Attributes:
        root: directory of its files.
    """

    root: Path

    def names(self) -> list[str]:
        """Names of all files, in order: what is in one of them never changes."""
        return sorted(path.name for path in self.root.glob("*.parquet"))

    def changes(self, names: Sequence[str]) -> str:
        """A query over the changes in some files; COLUMNS has the columns."""
        return files([self.root / name for name in names], COLUMNS)

    def enter(self, session: Session, change: Change, keys: Keys) -> None:
        """Enters or lifts keys, for all processes at once. The same request again changes nothing."""
        session.arrow("changing", keys.table)
        purposes = ", ".join(f"({literal(purpose)})" for purpose in change.purposes)
        session.publish(
            f"""SELECT {_uuid("key")} AS key, data_source, {literal(change.kind)} AS kind, purpose,
                {"true" if change.held else "false"} AS held, {_microseconds(change.time)} AS changed,
                {literal(change.request)} AS request
            FROM changing, (VALUES {purposes}) AS asked(purpose)""",
            self.root / f"{change.request}.parquet",
        )

    def held(
        self, session: Session, keys: Keys, kind: SuppressionKind, purposes: Sequence[str]
    ) -> tuple[int, tuple[str, ...]]:
        """How many of some keys are in the list by a kind, for some purposes or any, and for which they are."""
        asked = f"AND purpose IN ({', '.join(map(literal, purposes))})" if purposes else ""
        session.arrow("asked", keys.table)
        session.view("change", self.changes(self.names()))
        found = session.rows(
            f"""WITH held AS (
                SELECT key, purpose FROM change SEMI JOIN (SELECT {_uuid("key")} AS key FROM asked) USING (key)
                WHERE kind = {literal(kind)} {asked} GROUP BY key, purpose HAVING {_HELD})
            SELECT count(DISTINCT key), list(DISTINCT purpose ORDER BY purpose) FROM held"""
        )
        [(number, purposes)] = found
        return number, tuple(purposes or ())

    def page(self, session: Session, *, data_source: str, after: str, limit: int) -> list[Suppression]:
        """Ids in the list, ordered by key and kind, behind a `key/kind`; those of a data source if one is named."""
        session.view("change", self.changes(self.names()))
        chosen = f"WHERE data_source = {literal(data_source)}" if data_source else ""
        behind = f"WHERE key_text || '/' || kind > {literal(after)}" if after else ""
        found = session.rows(
            f"""WITH held AS (
                SELECT CAST(key AS VARCHAR) AS key_text, kind, purpose, any_value(data_source) AS data_source,
                    max(changed) FILTER (held) AS changed, arg_max(request, changed) FILTER (held) AS request
                FROM change {chosen} GROUP BY key, kind, purpose HAVING {_HELD})
            SELECT key_text, any_value(data_source), kind, list(purpose ORDER BY purpose), max(changed),
                arg_max(request, changed)
            FROM held {behind} GROUP BY key_text, kind ORDER BY key_text || '/' || kind LIMIT {limit}"""
        )
        return [
            Suppression(
                key=key,
                data_source=source,
                kind=SuppressionKind(kind),
                purposes=() if EVERY_PURPOSE in purposes else tuple(purposes),
                time=_EPOCH + timedelta(microseconds=changed),
                request=request,
            )
            for key, source, kind, purposes, changed, request in found
        ]


def reasons(changes: str, keys: str, purposes: Sequence[str]) -> str:
    """A query of key, reason and detail: those of some keys that must not be shared for some purposes.

    A transfer that names no purpose may serve any: whoever refuses one is left out. `changes` is a query of COLUMNS,
    `keys` one that has a column key.
    """
    served = ", ".join(literal(purpose) for purpose in (EVERY_PURPOSE, *purposes))
    concerning = f"AND (kind = '{SuppressionKind.ERASED}' OR purpose IN ({served}))" if purposes else ""
    return f"""
        WITH held AS (
            SELECT key, kind, purpose FROM ({changes}) SEMI JOIN ({keys}) AS met USING (key)
            GROUP BY key, kind, purpose HAVING {_HELD} {concerning})
        SELECT key, CASE
                WHEN bool_or(kind = '{SuppressionKind.ERASED}') THEN '{Reason.ERASED_ID}'
                WHEN bool_or(purpose = '{EVERY_PURPOSE}') THEN '{Reason.SUPPRESSED_ID}'
                ELSE '{Reason.PURPOSE_REFUSED}' END AS reason,
            CASE WHEN bool_or(kind = '{SuppressionKind.ERASED}' OR purpose = '{EVERY_PURPOSE}') THEN ''
                ELSE string_agg(purpose, ', ' ORDER BY purpose) END AS detail
        FROM held GROUP BY key"""


def _uuid(column: str) -> str:
    return f"CAST({column} AS UUID)"


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)
