"""Stage compare: finds joiners and leavers by comparing with the snapshot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from audience_gateway.jobs.engine import StepResult
from audience_gateway.storage.relations import files
from audience_gateway.transfers import snapshots
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.reconcile import MEMBERS
from audience_gateway.transfers.task import Task

COMPARED = {"position": "BIGINT", "row": "BIGINT", "target": "VARCHAR", "target_key": "UUID"}
"""Columns of compared.parquet with their DuckDB types; position counts joiners from 0 and is null for the others."""
LEAVERS = {"position": "BIGINT", "target": "VARCHAR", "target_key": "UUID"}
"""Columns of leavers.parquet with their DuckDB types; position counts from 0."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What the comparison found: numbers of members that join, that leave, and that the source has in all."""

    joiners: int
    leavers: int
    members: int


async def compare(task: Task, plan: Plan, rows_read: int) -> StepResult:
    """Compares. Answers the numbers of joiners and leavers."""
    counts = await asyncio.to_thread(_compare, task, plan)
    task.progress(Stage.COMPARE, rows_read, rows_read)
    return counts


def _compare(task: Task, plan: Plan) -> StepResult:
    workspace = task.workspace
    snapshot = task.snapshots.path(plan.snapshot_key, plan.snapshot_version)
    with task.relations.session() as session:
        session.view("member", files([workspace.file("members.parquet")], MEMBERS))
        session.view("snapshot", files([snapshot], snapshots.COLUMNS))
        key = plan.member_key
        compared = workspace.file("compared.parquet")
        members = session.write(
            f"""SELECT row_number() OVER () - 1 AS position, row, target, target_key
            FROM member ANTI JOIN snapshot USING ({key})
            UNION ALL SELECT NULL, row, target, target_key FROM member SEMI JOIN snapshot USING ({key})""",
            compared,
        )
        session.view("compared", files([compared], COMPARED))
        [(joiners,)] = session.rows("SELECT count(position) FROM compared")
        leavers = session.write(
            f"""SELECT row_number() OVER () - 1 AS position, target, target_key
            FROM snapshot ANTI JOIN member USING ({key})""",
            workspace.file("leavers.parquet"),
        )
    return {"joiners": int(joiners), "leavers": leavers, "members": members}
