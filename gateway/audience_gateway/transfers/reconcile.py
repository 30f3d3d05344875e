"""Stage reconcile, second part: finds the records that ids stand for, one partition of keys after the other."""

from __future__ import annotations

from audience_gateway.identity.candidates import oldest_sighting
from audience_gateway.identity.joining import Question
from audience_gateway.identity.partitions import Partition
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session, count_rows, files
from audience_gateway.transfers import columns, suppressed
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.erased_members import take_erased
from audience_gateway.transfers.index import index_entries, index_files
from audience_gateway.transfers.model import Stage, TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.standing_rows import name_first
from audience_gateway.transfers.task import Task


async def reconcile(task: Task, plan: Plan, partition: Partition, rows_read: int) -> StepResult:
    """Reconciles the rows of one partition. Answers how many of them have found a member, or are one."""
    counts = await in_background(_reconcile, task, plan, partition)
    await in_background(task.progress, Stage.RECONCILE, rows_read * (partition.number + 1) >> partition.bits, rows_read)
    return counts


def _reconcile(task: Task, plan: Plan, partition: Partition) -> StepResult:
    workspace = task.workspace
    with task.relations.session() as session:
        suppressed.name_rows(session, task, plan, partition)
        standing = name_first(session, task)
        if asks(task, plan):
            session.publish(standing.decided, workspace.part("decided", partition.name))
            return {"claiming": _find(session, task, partition)}
        if task.request.mode is TransferMode.UNDO:
            members, decided = _take_members(session, task)
        elif task.request.mode is TransferMode.ERASE:
            session.view("index_entry", index_entries(task, plan))
            members, decided = take_erased(session, task, plan)
        else:
            members, decided = _take_ids(), standing.decided
        session.publish(decided, workspace.part("decided", partition.name))
        claiming = session.publish(members, workspace.part("members", partition.name))
        if task.request.mode is TransferMode.ERASE:
            claiming = int(session.rows("SELECT count(*) FROM claiming")[0][0])
    return {"claiming": claiming}


def asks(task: Task, plan: Plan) -> bool:
    """Whether ids are looked up, partition by partition, so that records have to be claimed."""
    return plan.reconciles and task.request.mode not in {TransferMode.UNDO, TransferMode.ERASE}


def _find(session: Session, task: Task, partition: Partition) -> int:
    """Finds the records of a partition; answers how many ids have any."""
    workspace = task.workspace
    question = Question(
        entries=index_files(task, partition.number, partition.bits),
        partition=partition,
        policy=task.policy,
        oldest=oldest_sighting(task.source, task.created),
        barred=suppressed.barred(task),
        too_many_people=task.people.too_many,
    )
    missed = workspace.part("decided", f"{partition.name}-missed")
    task.join.find(session, question, workspace.part("found", partition.name), missed)
    return int(session.rows("SELECT count(*) FROM first")[0][0]) - count_rows(missed)


def _take_ids() -> str:
    # Every valid id is a member of its own: its key serves as the target's key, and nobody can claim it twice.
    return "SELECT row, value AS target, key AS target_key FROM normalised SEMI JOIN first USING (row)"


def _take_members(session: Session, task: Task) -> tuple[str, str]:
    # The rows are members already: they are as an earlier transfer delivered them.
    session.view("undone", files([task.workspace.file("undone.parquet")], columns.UNDONE))
    session.view("claiming", "SELECT row FROM normalised WHERE reason IS NULL AND NOT opted_out")
    decided = (
        f"SELECT row, coalesce(reason, '{Reason.OPTED_OUT}') AS reason FROM normalised ANTI JOIN claiming USING (row)"
    )
    return "SELECT row, target, target_key FROM undone SEMI JOIN claiming USING (row)", decided
