"""Stage reconcile for erased ids: the members that they stand for, by all that tells."""

from __future__ import annotations

from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session
from audience_gateway.transfers import snapshots
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.receiving import receiver
from audience_gateway.transfers.task import Task


def take_erased(session: Session, task: Task, plan: Plan) -> tuple[str, str]:
    """Finds the members whom keys stand for, in all that tells: what was received, the snapshot, and the index.

    Answers queries of members and of decided rows; makes `claiming`. Notes whom only the index tells as received.
    """
    session.view("snapshot", snapshots.members(task.snapshots.named(plan.snapshot_file)))
    session.view(
        "known",
        f"""{task.received.pairs(plan.snapshot_key)}
        UNION ALL SELECT target_key AS key, target FROM snapshot WHERE target_key IS NOT NULL
        UNION ALL SELECT key, target FROM index_entry""",
    )
    session.table("found", "SELECT DISTINCT row, key, target FROM normalised JOIN known USING (key)")
    if plan.reconciles:
        pairs = "SELECT key, target FROM found SEMI JOIN snapshot USING (target)"
        task.received.note(session, task.id, receiver(task, plan), pairs)
    session.table(
        "member", "SELECT min(row) AS row, target, arg_min(key, row) AS target_key FROM found GROUP BY target"
    )
    session.table("claiming", "SELECT DISTINCT row FROM member")
    decided = f"""
        SELECT row, CASE WHEN row IN (SELECT row FROM found) THEN '{Reason.SAME_TARGET}'
            ELSE '{Reason.UNKNOWN_ID}' END AS reason
        FROM normalised ANTI JOIN claiming USING (row)"""
    key = "CAST(NULL AS UUID)" if plan.reconciles else "target_key"
    return f"SELECT row, target, {key} AS target_key FROM member", decided
