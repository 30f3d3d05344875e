"""Members that were suppressed after they had been reconciled: they are not sent, whatever waits in the queue."""

from __future__ import annotations

from audience_gateway.storage.relations import Session, files
from audience_gateway.suppression.suppression_list import reasons
from audience_gateway.transfers import columns
from audience_gateway.transfers.index import index_entries
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.suppressed import changed_since
from audience_gateway.transfers.task import Task
from audience_gateway.transfers.writes import Change


def chunk_of(task: Task, plan: Plan, number: int) -> str:
    """A query of the joiners in the chunk of a number."""
    first = number * plan.members_a_write
    compared = files(task.workspace.parts("compared"), columns.COMPARED)
    return f"FROM ({compared}) WHERE position >= {first} AND position < {first + plan.members_a_write}"


def withdraw(task: Task, plan: Plan, change: Change, number: int, members: str, *, sent_before: bool) -> frozenset[str]:
    """The keys of the members of a write that must not be sent; those of an earlier attempt stay withdrawn.

    `members` is a query of target and target_key. `sent_before` says whether an earlier attempt may have sent them.
    """
    path = task.workspace.withdrawn(change, number)
    if not changed_since(task) and not path.exists():
        return frozenset()
    with task.relations.session() as session:
        session.view("going", f"SELECT target, target_key FROM ({members})")
        session.table("before", files([path], columns.WITHDRAWN))
        arrived = "true" if sent_before else "false"
        session.table(
            "withdrawn",
            f"""FROM before UNION ALL SELECT target, reason, detail, {arrived} AS arrived
            FROM ({_suppressed_now(session, task, plan)}) ANTI JOIN before USING (target)""",
        )
        session.write("FROM withdrawn", path)
        return frozenset(target for (target,) in session.rows("SELECT target FROM withdrawn"))


def _suppressed_now(session: Session, task: Task, plan: Plan) -> str:
    """A query of target, reason and detail: the whole list counts, for what is new in there may be merged of old."""
    session.view("index_entry", index_entries(task, plan))
    keys = "SELECT target, target_key AS key FROM going"
    if plan.reconciles:
        undo = task.request.mode is TransferMode.UNDO
        received = task.received.pairs(plan.snapshot_key, "" if undo else task.id)
        keys = f"""SELECT target, key FROM index_entry SEMI JOIN going USING (target)
            UNION ALL SELECT target, key FROM ({received}) SEMI JOIN going USING (target){_keys_of_rows(task)}"""
    session.view("key_of", keys)
    session.table(
        "late",
        reasons(task.suppressions.changes(task.suppressions.names()), "SELECT key FROM key_of", task.purposes),
    )
    return (
        "SELECT target, min(reason) AS reason, min(detail) AS detail FROM key_of JOIN late USING (key) GROUP BY target"
    )


def _keys_of_rows(task: Task) -> str:
    """What a query adds for the other ids of rows, which the destination may not know."""
    if not task.further:
        return ""
    members = files(task.workspace.parts("members"), columns.MEMBERS)
    ranked = files(task.workspace.chunks("ranked"), columns.RANKED)
    return f""" UNION ALL SELECT member.target, ranked.key FROM ({members}) AS member SEMI JOIN going USING (target)
        JOIN ({ranked}) AS ranked USING (row) WHERE ranked.key IS NOT NULL"""
