"""Rows of a finished transfer with their outcome.

Ids leave as fingerprints, which are different in each transfer, unless a query reveals them.
"""

from __future__ import annotations

from collections.abc import Generator

import pyarrow as pa

from audience_gateway.sdk import Outcome, Reason
from audience_gateway.storage.relations import QueryLimits, Relations, Session, files, literal
from audience_gateway.transfers import columns
from audience_gateway.transfers.model import RowOutcome
from audience_gateway.transfers.service import OutcomeQuery
from audience_gateway.transfers.workspace import Workspace

_BATCH_ROWS = 65_536


def outcomes(workspace: Workspace, limits: QueryLimits, query: OutcomeQuery) -> list[RowOutcome]:
    """The rows that a query asks for."""
    with Relations(workspace.scratch, limits) as relations, relations.session() as session:
        _name(session, workspace)
        session.table("page", f"{_asked(query)} ORDER BY row LIMIT {query.limit}")
        found = session.rows(_with_fingerprints("page", query))
    return [
        RowOutcome(row, Outcome(outcome), Reason(reason), detail, fingerprint, *id_)
        for row, outcome, reason, detail, fingerprint, *id_ in found
    ]


def all_outcomes(workspace: Workspace, limits: QueryLimits, query: OutcomeQuery) -> Generator[pa.RecordBatch]:
    """All rows that a query asks for, whatever its limit, in its columns.

    However many rows there are, memory stays within the limits; what does not fit in waits on disk.
    """
    with Relations(workspace.scratch, limits) as relations, relations.session() as session:
        _name(session, workspace)
        session.view("asked", _asked(query))
        yield from session.batches(_with_fingerprints("asked", query), _BATCH_ROWS)


def _name(session: Session, workspace: Workspace) -> None:
    session.view("outcomes", files([workspace.file("outcomes.parquet")], columns.OUTCOMES))
    session.view("extracted", files(workspace.chunks("extract"), columns.EXTRACTED))


def _asked(query: OutcomeQuery) -> str:
    conditions = [f"row > {query.after_row}"]
    if query.outcome:
        conditions.append(f"outcome = {literal(query.outcome)}")
    if query.reason:
        conditions.append(f"reason = {literal(query.reason)}")
    return f"SELECT * FROM outcomes WHERE {' AND '.join(conditions)}"


def _with_fingerprints(rows: str, query: OutcomeQuery) -> str:
    fingerprint = f"coalesce(left(sha256({literal(query.transfer)} || id), 12), '')"
    revealed = ", id" if query.reveal_ids else ""
    return f"""SELECT row, outcome, reason, detail, {fingerprint} AS id_fingerprint{revealed}
        FROM {rows} LEFT JOIN extracted USING (row) ORDER BY row"""
