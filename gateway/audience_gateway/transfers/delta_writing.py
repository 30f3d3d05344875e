"""Writes what a transfer has changed at its destination, while it is settled."""

from __future__ import annotations

from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import columns, snapshots
from audience_gateway.transfers.delivered import Delivered
from audience_gateway.transfers.deltas import delta_footer
from audience_gateway.transfers.index import index_entries
from audience_gateway.transfers.model import UndoneRef
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task


def keep_delta(session: Session, task: Task, plan: Plan, delivered: Delivered) -> None:
    """Writes the members that went into the snapshot and out of it.

    Works on the relations of settling. A member that may have been removed counts as removed: taking it back, it is
    added in any case. One that was uncertain before is not taken for added.
    """
    added, removed = delivered.added, delivered.removed
    source = task.request.source
    undoes = source.transfer if isinstance(source, UndoneRef) else ""
    _name_opted_out(session, task, plan)
    before = snapshots.members(task.snapshots.named(plan.snapshot_file))
    session.publish(
        f"""SELECT target, target_key, true AS added, false AS opted_out
            FROM joiner
                ANTI JOIN (FROM ({before}) WHERE NOT certain) AS uncertain USING ({plan.member_key})
            WHERE position < {added.through}
            UNION ALL SELECT target, target_key, false, {plan.member_key} IN (FROM opted_out)
            FROM leaver ANTI JOIN refused_leaver USING (target)
            WHERE position < {removed.through} AND (certain OR NOT ({removed.doubtful("position")}))""",
        task.workspace.file("delta.parquet"),
        delta_footer(plan.snapshot_key, undoes, attributes=bool(plan.attributes)),
    )


def _name_opted_out(session: Session, task: Task, plan: Plan) -> None:
    """Names the keys of members who have opted out `opted_out`; a member that has left may have left for that."""
    session.view("normalised", files(task.workspace.chunks("normalised"), columns.NORMALISED))
    if not plan.reconciles:
        session.view("opted_out", "SELECT key FROM normalised WHERE opted_out AND key IS NOT NULL")
        return
    session.view("entry", index_entries(task, plan))
    session.view(
        "opted_out",
        """SELECT target FROM entry WHERE opted_out
        UNION SELECT target FROM entry SEMI JOIN (FROM normalised WHERE opted_out) AS unwilling USING (key)""",
    )
