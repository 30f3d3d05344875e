"""Tries rows that did not match otherwise, by each data source of their transfer and by those that it did not name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.identity.explaining import rule_of
from audience_gateway.identity.trials import Trial, Trials
from audience_gateway.identity.variations import Variation, by_another
from audience_gateway.sdk import CandidatePolicy, ConfigError, DataSource, Permanent
from audience_gateway.transfers.match_report import WouldMatchRows


@dataclass(frozen=True, slots=True)
class Tried:
    """What rows would match by.

    Attributes:
        matching_now: how many match as everything is now, by any data source.
        would_match: what the others would match by, the most first, and behind them what could not be tried.
        read: when the index was read that they were tried on, the oldest of several.
    """

    matching_now: int
    would_match: tuple[WouldMatchRows, ...]
    read: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """Tries rows of one transfer.

    Attributes:
        trials: tries ids.
        connection: name of the connection whose records they are to match.
        policy: what is done with several records of an id.
        encoded: whether the ids count as encoded already.
    """

    trials: Trials
    connection: str
    policy: CandidatePolicy
    encoded: bool

    async def of(self, sources: Sequence[DataSource], ids: Sequence[pa.StringArray]) -> Tried:
        """What rows would match by; `ids` has a column for each data source, null for a row without such an id.

        Raises ConfigError, and the errors of the connector.
        """
        now, tried, problems = list[Trial](), list[tuple[str, Trial]](), list[WouldMatchRows]()
        for source, column in zip(sources, ids, strict=True):
            whose = f", for ids of `{source.name}`" if len(sources) > 1 else ""
            as_it_is, *found = await self.trials.of(self.connection, source, column, self.policy, encoded=self.encoded)
            now.append(as_it_is)
            tried += [(whose, trial) for trial in found]
            for other in self.trials.others(source):
                variation = by_another(other, encoded=self.encoded)
                try:
                    trial = await self._by_another(variation, column)
                except (ConfigError, Permanent) as error:
                    problems.append(replace(_rows(whose, variation, 0), problem=str(error)))
                else:
                    tried += [(whose, trial)] if trial else []
        matching = pc.unique(pa.concat_tables([one.found for one in now]).column("row"))
        counted = [_rows(whose, trial.variation, _beside(trial, matching)) for whose, trial in tried]
        would_match = sorted((one for one in counted if one.rows), key=lambda one: -one.rows)
        return Tried(len(matching), (*would_match, *problems), min(one.read for one in now))

    async def _by_another(self, variation: Variation, ids: pa.StringArray) -> Trial | None:
        if not await self.trials.indexes.reconciles(self.connection, variation.records):
            return None
        return await self.trials.alone(self.connection, variation, ids, self.policy)


def _rows(whose: str, variation: Variation, rows: int) -> WouldMatchRows:
    return WouldMatchRows(f"{variation.condition}{whose}", variation.remedy, rule_of(variation.asked), rows)


def _beside(trial: Trial, matching: pa.Array) -> int:
    """How many rows would match that are not among others."""
    rows = trial.found.column("row")
    return int(len(rows) - (pc.sum(pc.is_in(rows, value_set=matching)).as_py() or 0))
