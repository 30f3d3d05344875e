"""Rows of a transfer that has ended or is withheld, with their outcome.

Ids leave as fingerprints, which are different in each transfer, unless a query reveals them.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from audience_gateway.sdk import Outcome, Reason
from audience_gateway.storage.relations import QueryLimits, Relations, Session, files, literal
from audience_gateway.transfers import columns
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.service import OutcomeQuery
from audience_gateway.transfers.workspace import Workspace

_BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Accounted:
    """Rows that are accounted for.

    Attributes:
        workspace: where they are.
        file: name of the file of their outcomes.
    """

    workspace: Workspace
    file: str

    @property
    def path(self) -> Path:
        """The file of their outcomes."""
        return self.workspace.file(self.file)


def outcomes(accounted: Accounted, limits: QueryLimits, query: OutcomeQuery, only: str) -> list[RowOutcome]:
    """The rows that a query asks for; `only` is the data source of all rows, empty if there were several."""
    with Relations(accounted.workspace.scratch, limits) as relations, relations.session() as session:
        _name(session, accounted)
        session.table("page", f"{_asked(query)} ORDER BY row LIMIT {query.limit}")
        found = session.rows(_with_fingerprints("page", query, only))
    return [RowOutcome(row, Outcome(outcome), Reason(reason), *others) for row, outcome, reason, *others in found]


def all_outcomes(
    accounted: Accounted, limits: QueryLimits, query: OutcomeQuery, only: str
) -> Generator[pa.RecordBatch]:
    """All rows that a query asks for, whatever its limit, in its columns.

    However many rows there are, memory stays within the limits; what does not fit in waits on disk.
    """
    with Relations(accounted.workspace.scratch, limits) as relations, relations.session() as session:
        _name(session, accounted)
        session.view("asked", _asked(query))
        yield from session.batches(_with_fingerprints("asked", query, only), _BATCH_ROWS)


def _name(session: Session, accounted: Accounted) -> None:
    session.view("outcomes", files([accounted.path], columns.OUTCOMES))
    session.view("extracted", files(accounted.workspace.chunks("extract"), columns.EXTRACTED))
    session.view("sources", files(accounted.workspace.chunks("sources"), columns.SOURCES))


def _asked(query: OutcomeQuery) -> str:
    conditions = [f"row > {query.after_row}"]
    if query.outcome:
        conditions.append(f"outcome = {literal(query.outcome)}")
    if query.reason:
        conditions.append(f"reason = {literal(query.reason)}")
    return f"SELECT * FROM outcomes WHERE {' AND '.join(conditions)}"


def _with_fingerprints(rows: str, query: OutcomeQuery, only: str) -> str:
    fingerprint = f"coalesce(left(sha256({literal(query.transfer)} || id), 12), '')"
    revealed = ", id" if query.reveal_ids else ""
    source, its = (literal(only), "") if only else ("coalesce(source, '')", "LEFT JOIN sources USING (row)")
    return f"""SELECT row, outcome, reason, detail, {fingerprint} AS id_fingerprint, {source} AS data_source{revealed}
        FROM {rows} LEFT JOIN extracted USING (row) {its} ORDER BY row"""
