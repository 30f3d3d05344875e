"""What rows ended in by the data source that they went by, where they have ids of several."""

from __future__ import annotations

from audience_gateway.jobs.engine import StepResult
from audience_gateway.storage.relations import Relations, files
from audience_gateway.transfers import columns
from audience_gateway.transfers.workspace import Workspace


def counts_by_source(workspace: Workspace, relations: Relations) -> StepResult:
    """Rows by name of the data source and by reason; rows that cannot be read went by none and are not among them."""
    with relations.session() as session:
        session.view("outcomes", files([workspace.file("outcomes.parquet")], columns.OUTCOMES))
        session.view("sources", files(workspace.chunks("sources"), columns.SOURCES))
        found = session.rows(
            "SELECT source, reason, count(*) FROM outcomes JOIN sources USING (row) GROUP BY ALL ORDER BY ALL"
        )
    return {
        source: {reason: int(rows) for name, reason, rows in found if name == source}
        for source in sorted({name for name, _, _ in found})
    }
