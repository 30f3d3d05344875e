"""Trying out how ids reconcile: the implementation of `identity.service`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.explaining import Explaining
from audience_gateway.identity.explanation import Explanation
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.lookup import look_up, reasons
from audience_gateway.identity.normalisation import normalise
from audience_gateway.identity.service import Match, Reconciliation
from audience_gateway.sdk import CandidatePolicy, DataSource, Normalised, Reason
from audience_gateway.storage.relations import Session
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.suppression.suppression_list import reasons as suppressed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MATCHES = """
    SELECT row, target, seen, 1 / count(*) OVER (PARTITION BY row) AS share
    FROM (SELECT row, target, epoch_us(max(last_seen)) AS seen FROM first JOIN entry USING (key) GROUP BY row, target)
    QUALIFY (row, target) IN (SELECT (row, target) FROM eligible) ORDER BY row, target"""


class Identities:
    """Reconciles ids with an identity index that is read from the connection and kept for a while.

    Args:
        connections: the connections.
        indexes: the kept indexes.
        suppressions: the ids that must not be shared.
    """

    def __init__(self, connections: Connections, indexes: KeptIndexes, suppressions: SuppressionList) -> None:
        self._suppressions = suppressions
        self._connections = connections
        self._indexes = indexes

    async def reconcile(
        self, connection: str, data_source: str, ids: Sequence[str], policy: CandidatePolicy | None = None
    ) -> list[Reconciliation]:
        """One answer an id, in their order. Raises ConfigError if the connection's records are not reconciled with."""
        source = self._connections.data_source(data_source)
        strategy = self._connections.reconciler(source.id_type)
        strategy.check(source)
        normalised = normalise(strategy, pa.array(ids, pa.string()), source, encoded=True)
        [index] = await self._indexes.fresh(connection, [source])
        return await asyncio.to_thread(self._join, index, source, normalised, policy or source.policy)

    async def explain(
        self, connection: str, data_source: str, id_: str, policy: CandidatePolicy | None = None, *, encoded: bool
    ) -> Explanation:
        """Why one id matches, or does not. Raises ConfigError and the errors of the connector."""
        explaining = Explaining(self._connections, self._indexes, self._suppressions)
        return await explaining.explain(connection, data_source, id_, policy, encoded=encoded)

    def _join(
        self, index: IndexVersion, source: DataSource, normalised: Normalised, policy: CandidatePolicy
    ) -> list[Reconciliation]:
        with self._indexes.relations() as relations, relations.session() as session:
            too_many = self._indexes.people.too_many
            look_up(session, normalised, source, index, policy, too_many_people=too_many)
            changes = self._suppressions.changes(self._suppressions.names())
            found = f"FROM first JOIN ({suppressed(changes, 'SELECT key FROM first', source.purposes)}) USING (key)"
            hidden = {row: Reason(reason) for row, reason in session.rows(f"SELECT row, reason {found}")}
            answers = enumerate(_answers(session))
            return [Reconciliation((), hidden[row]) if row in hidden else answer for row, answer in answers]


def _answers(session: Session) -> list[Reconciliation]:
    matches: dict[int, list[Match]] = defaultdict(list)
    for row, target, seen, share in session.rows(_MATCHES):
        matches[row].append(Match(target, None if seen is None else _EPOCH + timedelta(microseconds=seen), share))
    return [Reconciliation(tuple(matches.get(row, ())), reason) for row, reason in enumerate(reasons(session))]
