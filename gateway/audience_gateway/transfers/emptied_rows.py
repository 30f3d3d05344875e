"""Rows that were read of erased ids: each is still there, for the account, without anything of a person."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Relations, Session, literal
from audience_gateway.storage.rewritten_files import rewrite
from audience_gateway.transfers.workspace import Workspace


def empty_rows(session: Session, path: Path, hit: str) -> int:
    """Empties the rows of a file of extracted rows for which a condition holds. Answers how many."""
    personal = [name for name in pq.read_schema(path).names if name == "id" or name.startswith(("attribute_", "id_"))]
    emptied = [f"CASE WHEN {hit} THEN NULL ELSE {name} END AS {name}" for name in personal]
    told = f"CASE WHEN {hit} THEN '{Reason.ERASED_ID}' ELSE defect END AS defect"
    rows = f"SELECT * REPLACE ({', '.join([*emptied, told])}) FROM read_parquet({literal(str(path))}) ORDER BY row"
    return rewrite(session, path, hit, rows)


def empty_erased(workspace: Workspace, relations: Relations) -> None:
    """Empties the rows of a transfer that ended as erased: who comes after it finds no id in its files."""
    outcomes = f"read_parquet({literal(str(workspace.file('outcomes.parquet')))})"
    with relations.session() as session:
        session.table("erased_row", f"SELECT row FROM {outcomes} WHERE reason = '{Reason.ERASED_ID}'")
        for path in workspace.chunks("extract"):
            empty_rows(session, path, "row IN (FROM erased_row)")
