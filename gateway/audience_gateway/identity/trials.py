"""Tries ids that find no record otherwise: which of them would find one, if something were otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.lookup import look_up
from audience_gateway.identity.normalisation import normalise
from audience_gateway.identity.variations import Variation, as_it_is, variations
from audience_gateway.sdk import CandidatePolicy, ConfigError, DataSource, Normalised, Reconciler

_PROBES = 100
_TEXTS = ("Ab", "ab", " ab ", " Ab@example.org ", "ab@example.org", "+49 (30) 12-34", "+49301234")


@dataclass(frozen=True, slots=True)
class Trial:
    """A variation, and what it would find.

    Attributes:
        variation: what would be otherwise.
        found: columns row (position of the id) and records, of the ids that would find any record to deliver.
        read: when the index was read that they were tried on.
    """

    variation: Variation
    found: pa.Table
    read: datetime


@dataclass(frozen=True, slots=True)
class Trials:
    """Tries ids otherwise, whole columns at a time; changes nothing.

    Attributes:
        connections: the connections.
        indexes: the indexes that ids are tried on.
        leaving: whether the ids are of persons who are to leave, who may have opted out.
    """

    connections: Connections
    indexes: KeptIndexes
    leaving: bool = False

    async def of(
        self, connection: str, source: DataSource, ids: pa.StringArray, policy: CandidatePolicy, *, encoded: bool
    ) -> list[Trial]:
        """What ids would find: first as everything is, then by each variation that makes a difference to them.

        Raises ConfigError, and the errors of the connector.
        """
        strategy = self.connections.reconciler(source.id_type)
        tried = await asyncio.to_thread(lambda: list(_worth_trying(strategy, source, ids, encoded=encoded)))
        indexes = await self.indexes.fresh(connection, [variation.records for variation, _ in tried])
        return [
            Trial(variation, await asyncio.to_thread(self._found, variation, values, index, policy), index.read)
            for (variation, values), index in zip(tried, indexes, strict=True)
        ]

    async def alone(
        self, connection: str, variation: Variation, ids: pa.StringArray, policy: CandidatePolicy
    ) -> Trial | None:
        """What ids would find by one variation; None if it has no value for any of them."""
        strategy = self.connections.reconciler(variation.asked.id_type)
        strategy.check(variation.asked)
        values = await asyncio.to_thread(_values, strategy, variation, ids)
        if values.null_count == len(values):
            return None
        [index] = await self.indexes.fresh(connection, [variation.records])
        return Trial(variation, await asyncio.to_thread(self._found, variation, values, index, policy), index.read)

    def others(self, source: DataSource) -> list[DataSource]:
        """The other data sources whose ids lead to records of the same kind."""
        return [
            other
            for other in self.connections.data_sources()
            if other.name != source.name and other.targeting_dimension == source.targeting_dimension
        ]

    def _found(
        self, variation: Variation, values: pa.StringArray, index: IndexVersion, policy: CandidatePolicy
    ) -> pa.Table:
        with self.indexes.relations() as relations, relations.session() as session:
            normalised = Normalised(values, pa.nulls(len(values), pa.string()))
            look_up(
                session,
                normalised,
                variation.records,
                index,
                policy,
                too_many_people=self.indexes.people.too_many,
                leaving=self.leaving,
            )
            return session.read("SELECT row, count(*) AS records FROM eligible GROUP BY row")


def _worth_trying(
    strategy: Reconciler, source: DataSource, ids: pa.StringArray, *, encoded: bool
) -> Iterator[tuple[Variation, pa.StringArray]]:
    """The variations with the values that they make of the ids; not those that can find no more than another one."""
    base = as_it_is(source, encoded=encoded)
    probes = _probes(ids)
    tried = [(_values(strategy, base, ids), _of_records(strategy, base, probes))]
    yield base, tried[0][0]
    for variation in variations(source, encoded=encoded):
        if not (_allows(strategy, variation.asked) and _allows(strategy, variation.records)):
            continue
        values = _values(strategy, variation, ids)
        of_records = _of_records(strategy, variation, probes)
        if values.null_count < len(values) and not any(
            values.equals(others) and of_records.equals(theirs) for others, theirs in tried
        ):
            tried.append((values, of_records))
            yield variation, values


def _allows(strategy: Reconciler, source: DataSource) -> bool:
    try:
        strategy.check(source)
    except ConfigError:
        return False
    return True


def _values(strategy: Reconciler, variation: Variation, ids: pa.StringArray) -> pa.StringArray:
    return normalise(strategy, variation.rewrite(ids), variation.asked, encoded=variation.encoded).values


def _of_records(strategy: Reconciler, variation: Variation, probes: pa.StringArray) -> pa.StringArray:
    return normalise(strategy, probes, variation.records, encoded=False).values


def _probes(ids: pa.StringArray) -> pa.StringArray:
    """Texts that recipes tell apart, also those that only take ids of this kind."""
    some = ids.slice(0, _PROBES)
    spaced = pc.binary_join_element_wise(" ", some, " ", "")
    return pa.concat_arrays([pa.array(_TEXTS), pc.utf8_upper(some), pc.utf8_lower(some), spaced])
