"""Trying out how ids reconcile: the implementation of `identity.service`."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from audience_gateway.identity import index
from audience_gateway.identity.candidates import find_candidates, oldest_sighting
from audience_gateway.identity.connections import Connections
from audience_gateway.identity.keys import key_expression
from audience_gateway.identity.normalisation import normalise
from audience_gateway.identity.service import Reconciliation
from audience_gateway.sdk import (
    CandidatePolicy,
    ConfigError,
    DataSource,
    IdentityIndex,
    IndexRequest,
    Normalised,
    Reason,
    Reconciler,
)
from audience_gateway.storage.relations import QueryLimits, Relations, Session, files

_REASON = f"""
    CASE WHEN reason IS NOT NULL THEN reason
    WHEN asked.row IN (FROM expired) THEN '{Reason.EXPIRED_ID}'
    WHEN fate.row IS NULL THEN '{Reason.UNKNOWN_ID}'
    WHEN fate.records > 1 AND chosen.row IS NULL AND NOT fate.all_opted_out THEN '{Reason.AMBIGUOUS_ID}'
    WHEN chosen.row IS NULL THEN '{Reason.OPTED_OUT}' END"""


class Identities:
    """Reconciles ids with an identity index that is read from the connection and kept for a while.

    Args:
        connections: the connections.
        state: directory of the kept indexes.
        limits: what one query may use.
        index_seconds: how long an index is used before it is read anew; transfers always read it anew.
    """

    def __init__(self, connections: Connections, state: Path, limits: QueryLimits, index_seconds: float) -> None:
        self._connections = connections
        self._state = state
        self._limits = limits
        self._index_seconds = index_seconds
        self._read: dict[Path, float] = {}
        self._locks: dict[Path, asyncio.Lock] = {}

    async def reconcile(
        self, connection: str, data_source: str, ids: Sequence[str], policy: CandidatePolicy | None = None
    ) -> list[Reconciliation]:
        """One answer an id, in their order. Raises ConfigError if the connection's records are not reconciled with."""
        source = self._connections.data_source(data_source)
        strategy = self._connections.reconciler(source.id_type)
        strategy.check(source)
        normalised = normalise(strategy, pa.array(ids, pa.string()), source, encoded=True)
        directory = self._state / "indexes" / hashlib.sha256(f"{connection} {source!r}".encode()).hexdigest()[:32]
        async with self._locks.setdefault(directory, asyncio.Lock()):
            if time.monotonic() > self._read.get(directory, float("-inf")) + self._index_seconds:
                await self._read_index(connection, source, strategy, directory)
                self._read[directory] = time.monotonic()
        return await asyncio.to_thread(self._join, directory, source, normalised, policy or source.policy)

    async def _read_index(self, connection: str, source: DataSource, strategy: Reconciler, directory: Path) -> None:
        async with self._connections.open(connection) as connector:
            if not isinstance(connector, IdentityIndex) or not connector.reconciles(source):
                raise ConfigError(
                    "ids of this data source do not reconcile with records of this connection",
                    place=f"connections/{connection}",
                    remedy="Name a connection that supplies an identity index, such as a Campaign one.",
                )
            fresh = directory.with_name(f"{directory.name}.{uuid.uuid4().hex}.part")
            number = 0
            with self._relations(directory) as relations:
                async for page in connector.read_index(IndexRequest(source=source)):
                    path = fresh / f"{number:05d}.parquet"
                    await asyncio.to_thread(index.write_index, [page], strategy, source, relations, path, last=False)
                    number += 1
        await asyncio.to_thread(_replace, fresh, directory)

    def _join(
        self, directory: Path, source: DataSource, normalised: Normalised, policy: CandidatePolicy
    ) -> list[Reconciliation]:
        asked = pa.table(
            {
                "row": pa.array(range(len(normalised.values)), pa.int64()),
                "value": normalised.values,
                "reason": normalised.reasons,
            }
        )
        with self._relations(directory) as relations, relations.session() as session:
            session.arrow("asked", asked)
            key = key_expression("value", source.id_type, source.name)
            session.view("first", f"SELECT row, {key} AS key FROM asked WHERE value IS NOT NULL")
            session.view("entry", files(sorted(directory.glob("*.parquet")), index.COLUMNS))
            find_candidates(session, policy, oldest_sighting(source, datetime.now(UTC)))
            return _answers(session)

    def _relations(self, directory: Path) -> Relations:
        return Relations(directory.with_name(directory.name + ".scratch"), self._limits)


def _answers(session: Session) -> list[Reconciliation]:
    targets: Mapping[int, list[str]] = dict(
        session.rows("SELECT row, list(target ORDER BY target) FROM eligible GROUP BY row")
    )
    reasons = session.rows(
        f"""SELECT asked.row, {_REASON}
        FROM asked LEFT JOIN fate USING (row) LEFT JOIN (SELECT DISTINCT row FROM eligible) AS chosen USING (row)
        ORDER BY asked.row"""
    )
    return [Reconciliation(tuple(targets.get(row, ())), Reason(reason) if reason else None) for row, reason in reasons]


def _replace(fresh: Path, directory: Path) -> None:
    fresh.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(directory, ignore_errors=True)
    fresh.replace(directory)
