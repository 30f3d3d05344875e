"""Stage reconcile, second part: finds the records that the ids stand for, and decides which row stands for each."""

from __future__ import annotations

from audience_gateway.identity.candidates import find_candidates, oldest_sighting
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import CandidatePolicy, Reason
from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import columns, suppressed
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.erased_members import take_erased
from audience_gateway.transfers.model import Stage, TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.standing_rows import Standing, name_first
from audience_gateway.transfers.task import Task


async def reconcile(task: Task, plan: Plan, rows_read: int) -> StepResult:
    """Reconciles all rows. Answers the rows decided, the rows that claim members, and the members."""
    counts = await in_background(_reconcile, task, plan)
    task.progress(Stage.RECONCILE, rows_read, rows_read)
    return counts


def _reconcile(task: Task, plan: Plan) -> StepResult:
    with task.relations.session() as session:
        suppressed.name_rows(session, task, plan)
        standing = name_first(session, task)
        if task.request.mode is TransferMode.UNDO:
            members, decided = _take_members(session, task)
        elif task.request.mode is TransferMode.ERASE:
            members, decided = take_erased(session, task, plan)
        elif plan.reconciles:
            members, decided = _find_records(session, task, standing)
        else:
            members, decided = _take_ids(session, standing)
        return {
            "members": session.publish(members, task.workspace.file("members.parquet")),
            "decided": session.publish(decided, task.workspace.file("decided.parquet")),
            "claiming": int(session.rows("SELECT count(*) FROM claiming")[0][0]),
        }


def _find_records(session: Session, task: Task, standing: Standing) -> tuple[str, str]:
    session.view("entry", f"SELECT * REPLACE ({_opted_out(task, standing)} AS opted_out) FROM index_entry")
    find_candidates(session, task.policy, oldest_sighting(task.source, task.created))
    session.table("member", f"SELECT {standing.row} AS row, target FROM eligible GROUP BY target")
    session.table("claiming", "SELECT DISTINCT row FROM member")
    ambiguous = f"WHEN fate.records > 1 THEN '{Reason.AMBIGUOUS_ID}'" if task.policy is CandidatePolicy.REJECT else ""
    decided = f"""
        SELECT normalised.row, CASE {standing.decided}
            WHEN normalised.row IN (FROM expired) THEN '{Reason.EXPIRED_ID}'
            WHEN fate.row IS NULL THEN '{Reason.UNKNOWN_ID}'
            {ambiguous}
            WHEN fate.all_opted_out THEN '{Reason.OPTED_OUT}'
            ELSE '{Reason.SAME_TARGET}' END AS reason
        FROM normalised LEFT JOIN first USING (row) LEFT JOIN fate USING (row) ANTI JOIN claiming USING (row)"""
    return "SELECT row, target, CAST(NULL AS UUID) AS target_key FROM member", decided


def _opted_out(task: Task, standing: Standing) -> str:
    """Whether an entry's person must not be shared; who does not want to be may leave all the same."""
    if task.request.mode is TransferMode.REMOVE_ONLY:
        return "false"
    return (
        "opted_out AND key NOT IN (SELECT key FROM first SEMI JOIN leaving USING (row))"
        if standing.heeded
        else "opted_out"
    )


def _take_ids(session: Session, standing: Standing) -> tuple[str, str]:
    # Every valid id is a member of its own: its key serves as the target's key, and nobody can claim it twice.
    session.view("claiming", "SELECT row FROM first")
    decided = f"""
        SELECT normalised.row, CASE {standing.decided} END AS reason
        FROM normalised LEFT JOIN first USING (row) ANTI JOIN claiming USING (row)"""
    return "SELECT row, value AS target, key AS target_key FROM normalised SEMI JOIN first USING (row)", decided


def _take_members(session: Session, task: Task) -> tuple[str, str]:
    # The rows are members already: they are as an earlier transfer delivered them.
    session.view("undone", files([task.workspace.file("undone.parquet")], columns.DELTA))
    session.view("claiming", "SELECT row FROM normalised WHERE reason IS NULL AND NOT opted_out")
    decided = (
        f"SELECT row, coalesce(reason, '{Reason.OPTED_OUT}') AS reason FROM normalised ANTI JOIN claiming USING (row)"
    )
    return "SELECT row, target, target_key FROM undone SEMI JOIN claiming USING (row)", decided
