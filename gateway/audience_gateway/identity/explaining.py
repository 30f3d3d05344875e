"""Explains one id: how it was looked up, what was found, and what would be found if something were otherwise."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.explanation import Candidate, Explanation, Rule, WouldMatch, fingerprint_of
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.lookup import look_up, reasons
from audience_gateway.identity.normalisation import normalise, recipe_label
from audience_gateway.identity.trials import Trial, Trials
from audience_gateway.identity.variations import Variation, by_another
from audience_gateway.sdk import CandidatePolicy, ConfigError, DataSource, Normalised, Reason
from audience_gateway.storage.relations import Session
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.suppression.suppression_list import reasons as suppressed

_MOST_CANDIDATES = 100
_SUPPRESSED = {Reason.SUPPRESSED_ID, Reason.PURPOSE_REFUSED, Reason.ERASED_ID}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rule_of(source: DataSource) -> Rule:
    """The rule that a data source stands for."""
    return Rule(source.name, source.id_type, recipe_label(source), source.codec)


@dataclass(frozen=True, slots=True)
class Explaining:
    """Explains ids of the configured data sources.

    Attributes:
        connections: the connections.
        indexes: the indexes that ids are looked up in.
        suppressions: the ids that must not be shared, whatever they would match.
    """

    connections: Connections
    indexes: KeptIndexes
    suppressions: SuppressionList

    async def explain(
        self, connection: str, data_source: str, id_: str, policy: CandidatePolicy | None, *, encoded: bool
    ) -> Explanation:
        """Explains one. Raises ConfigError, and the errors of the connector."""
        source = self.connections.data_source(data_source)
        strategy = self.connections.reconciler(source.id_type)
        strategy.check(source)
        ids, policy = pa.array([id_], pa.string()), policy or source.policy
        normalised = normalise(strategy, ids, source, encoded=encoded)
        [value], [reason] = normalised.values.to_pylist(), normalised.reasons.to_pylist()
        scope = (connection, source.name)
        explanation = Explanation(
            rule=rule_of(source),
            encoded=encoded or source.pre_encoded,
            id_fingerprint=fingerprint_of(id_, *scope),
            value_fingerprint=fingerprint_of(value, *scope) if value is not None else "",
            key_fingerprint="",
            index_entries=0,
            index_read=None,
            records=0,
            shared_by_many=False,
            candidates=(),
            policy=policy,
            reason=Reason(reason) if reason else None,
            would_match=(),
        )
        if value is not None:
            [index] = await self.indexes.fresh(connection, [source])
            explanation = await asyncio.to_thread(self._looked_up, explanation, normalised, source, index, scope)
        if explanation.reason is None or explanation.reason in _SUPPRESSED:
            return explanation
        tried = await self._otherwise(connection, source, ids, policy, encoded=encoded)
        return replace(explanation, would_match=tuple(tried))

    def _looked_up(
        self,
        explanation: Explanation,
        normalised: Normalised,
        source: DataSource,
        index: IndexVersion,
        scope: tuple[str, str],
    ) -> Explanation:
        with self.indexes.relations() as relations, relations.session() as session:
            too_many = self.indexes.people.too_many
            look_up(session, normalised, source, index, explanation.policy, too_many_people=too_many)
            [(key,)] = session.rows("SELECT CAST(key AS VARCHAR) FROM first")
            [(records,)] = session.rows("SELECT count(DISTINCT target) FROM entry JOIN first USING (key)")
            hidden = self._suppressed(session, source)
            candidates = _candidates(session, source, scope)
            [reason] = hidden or reasons(session)
            return replace(
                explanation,
                key_fingerprint=fingerprint_of(key, *scope),
                index_entries=index.entries,
                index_read=index.read,
                records=records,
                shared_by_many=records > self.indexes.people.many,
                candidates=tuple(replace(one, chosen=one.chosen and not hidden) for one in candidates),
                reason=reason,
            )

    def _suppressed(self, session: Session, source: DataSource) -> list[Reason]:
        changes = self.suppressions.changes(self.suppressions.names())
        found = session.rows(f"SELECT reason FROM ({suppressed(changes, 'SELECT key FROM first', source.purposes)})")
        return [Reason(reason) for (reason,) in found]

    async def _otherwise(
        self, connection: str, source: DataSource, ids: pa.StringArray, policy: CandidatePolicy, *, encoded: bool
    ) -> list[WouldMatch]:
        trials = Trials(self.connections, self.indexes)
        found = await trials.of(connection, source, ids, policy, encoded=encoded)
        # The first is what the explanation says.
        return [
            *(_would_match(trial.variation, trial) for trial in found[1:]),
            *[
                await self._by_another(connection, other, ids, policy, encoded=encoded)
                for other in trials.others(source)
            ],
        ]

    async def _by_another(
        self, connection: str, other: DataSource, ids: pa.StringArray, policy: CandidatePolicy, *, encoded: bool
    ) -> WouldMatch:
        variation = by_another(other, encoded=encoded)
        try:
            trial = await Trials(self.connections, self.indexes).alone(connection, variation, ids, policy)
        except ConfigError as error:
            return replace(_would_match(variation, None), problem=str(error))
        return _would_match(variation, trial)


def _would_match(variation: Variation, trial: Trial | None) -> WouldMatch:
    records = pc.sum(trial.found.column("records")).as_py() or 0 if trial else 0
    return WouldMatch(variation.condition, variation.remedy, rule_of(variation.asked), records)


def _candidates(session: Session, source: DataSource, scope: tuple[str, str]) -> tuple[Candidate, ...]:
    expires = "true" if source.expire_days else "false"
    found = session.rows(
        f"""SELECT target, epoch_us(max(last_seen)) AS seen, bool_or(entry.opted_out),
            {expires} AND NOT bool_or(target IN (SELECT target FROM found)),
            bool_or(target IN (SELECT target FROM eligible))
        FROM entry JOIN first USING (key) GROUP BY target ORDER BY seen DESC NULLS LAST, target
        LIMIT {_MOST_CANDIDATES}"""
    )
    return tuple(Candidate(fingerprint_of(target, *scope), _time(seen), *flags) for target, seen, *flags in found)


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
