"""Stage settle for a transfer that ended before its members were known: every row read has its outcome all the same."""

from __future__ import annotations

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.chunk_files import leaving_rows
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.settle import check_conservation, write_account
from audience_gateway.transfers.task import Task


async def settle_early(task: Task, rows_read: int, chunks: int, reason: Reason) -> StepResult:
    """Settles: rows whose ids are known to be no good end with that, all others with the reason.

    `chunks` is the number of chunks that the rows read are in. Answers rows by reason. Raises Permanent if a row has
    no outcome or two.
    """
    return {"reasons": await in_background(_settle, task, rows_read, chunks, reason)}


def _settle(task: Task, rows_read: int, chunks: int, reason: Reason) -> StepResult:
    of_stage = {
        stage: [task.workspace.chunk(stage, number) for number in range(chunks)] for stage in ("extract", "normalised")
    }
    with task.relations.session() as session:
        session.view("extracted", files(of_stage["extract"], columns.EXTRACTED))
        session.view("normalised", files(of_stage["normalised"], columns.NORMALISED))
        session.view("leaving", leaving_rows(task.workspace))
        removed = "row IN (FROM leaving)" if task.request.mode is TransferMode.DELTA else "false"
        reasons = write_account(
            session,
            task,
            f"""SELECT extracted.row, '' AS detail, CASE
                WHEN normalised.reason IS NOT NULL THEN normalised.reason
                WHEN normalised.opted_out AND NOT ({removed}) THEN '{Reason.OPTED_OUT}'
                ELSE '{reason}' END AS reason
            FROM extracted LEFT JOIN normalised USING (row)""",
        )
        check_conservation(session, task, rows_read)
    return reasons
