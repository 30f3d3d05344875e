"""Rows of a finished transfer with their outcome."""

from __future__ import annotations

from audience_gateway.sdk import Outcome, Reason
from audience_gateway.storage.relations import QueryLimits, Relations, files, literal
from audience_gateway.transfers import columns
from audience_gateway.transfers.model import RowOutcome
from audience_gateway.transfers.service import OutcomeQuery
from audience_gateway.transfers.workspace import Workspace


def outcomes(workspace: Workspace, limits: QueryLimits, query: OutcomeQuery) -> list[RowOutcome]:
    """The rows that a query asks for. Ids leave as fingerprints, which are different in each transfer."""
    conditions = [f"row > {query.after_row}"]
    if query.outcome:
        conditions.append(f"outcome = {literal(query.outcome)}")
    if query.reason:
        conditions.append(f"reason = {literal(query.reason)}")
    with Relations(workspace.scratch, limits) as relations, relations.session() as session:
        session.view("outcomes", files([workspace.file("outcomes.parquet")], columns.OUTCOMES))
        session.view("extracted", files(workspace.chunks("extract"), columns.EXTRACTED))
        session.table(
            "page", f"SELECT * FROM outcomes WHERE {' AND '.join(conditions)} ORDER BY row LIMIT {query.limit}"
        )
        found = session.rows(
            f"""SELECT row, outcome, reason, detail, coalesce(left(sha256({literal(query.transfer)} || id), 12), '')
            FROM page LEFT JOIN extracted USING (row) ORDER BY row"""
        )
    return [
        RowOutcome(row, Outcome(outcome), Reason(reason), detail, fingerprint)
        for row, outcome, reason, detail, fingerprint in found
    ]
