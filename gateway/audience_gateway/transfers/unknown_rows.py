"""Stage reconcile, last part, where records are created: names the rows that are to get one."""

from __future__ import annotations

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.chunk_files import leaving_rows
from audience_gateway.transfers.task import Task


async def name_unknown(task: Task) -> StepResult:
    """Names the rows with a valid id that no record has, one for each id. Answers how many there are."""
    return {"rows": await in_background(_name, task)}


def _name(task: Task) -> int:
    with task.relations.session() as session:
        session.view("decided", files(task.workspace.parts("decided"), columns.DECIDED))
        session.view("normalised", files(task.workspace.chunks("normalised"), columns.NORMALISED))
        session.table("leaving", leaving_rows(task.workspace))
        return session.publish(
            f"""SELECT row_number() OVER (ORDER BY row) - 1 AS number, row, key
            FROM decided JOIN normalised USING (row)
            WHERE decided.reason = '{Reason.UNKNOWN_ID}' AND normalised.reason IS NULL AND NOT opted_out
                AND row NOT IN (FROM leaving)""",
            task.workspace.part("unknown", "00000"),
        )
