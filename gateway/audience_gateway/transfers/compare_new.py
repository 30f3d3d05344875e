"""Stage compare where nobody is held yet and no two rows have found the same record: all members join."""

from __future__ import annotations

from itertools import accumulate

from audience_gateway.jobs.engine import StepResult
from audience_gateway.storage.relations import count_rows, literal
from audience_gateway.transfers.all_new import PART
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.deltas import delta_footer
from audience_gateway.transfers.known import Known
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.receiving import receiver
from audience_gateway.transfers.reconcile import asks
from audience_gateway.transfers.shares import Share
from audience_gateway.transfers.task import Task


def are_all_new(task: Task, plan: Plan, known: Known) -> bool:
    """Whether all members that were found join, and nothing but their keys is to be told of them.

    What was compared by shares, which a gateway of an older version may have done, stays so: some of it may be sent.
    """
    found = asks(task, plan) and not known.contested
    by_shares = task.workspace.part("compared", Share().name).exists()
    return found and not (by_shares or plan.snapshot_members or plan.attributes or task.request.mode.names_leavers)


async def compare_new(task: Task, plan: Plan, *, rows_read: int) -> StepResult:
    """Numbers the members. Answers the fields of Changes."""
    members = await in_background(_write, task, plan)
    await in_background(task.progress, Stage.COMPARE, rows_read, rows_read)
    return {"joiners": members, "leavers": 0, "members": members, "kept": 0}


def _write(task: Task, plan: Plan) -> int:
    parts = task.workspace.parts("found")
    before = accumulate((count_rows(part) for part in parts), initial=0)
    # One scan of all files: what joins scans of each would hold rows of all of them.
    first = " ".join(
        f"WHEN {number} THEN {position}" for number, position in zip(range(len(parts)), before, strict=False)
    )
    paths = ", ".join(literal(str(part)) for part in parts)
    with task.relations.session() as session:
        return session.publish(
            f"""SELECT CASE file_index {first} END + file_row_number AS position, row, key, target,
                CAST(NULL AS UUID) AS target_key, true AS added, false AS opted_out
            FROM read_parquet([{paths}], file_row_number = true)""",
            task.workspace.part("compared", PART),
            {**receiver(task, plan).footer, **delta_footer(plan.snapshot_key, "", attributes=False)},
        )
