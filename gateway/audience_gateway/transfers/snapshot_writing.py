"""Writes what a destination holds once a transfer is delivered, while that is settled: the next snapshot."""

from __future__ import annotations

from pathlib import Path

from audience_gateway import fail_points
from audience_gateway.identity.normalisation import recipe_label
from audience_gateway.sdk import Permanent
from audience_gateway.storage.linked_files import link_file
from audience_gateway.storage.relations import Session, count_rows
from audience_gateway.transfers import snapshots
from audience_gateway.transfers.all_new import all_new_members
from audience_gateway.transfers.delivered import Delivered, Span
from audience_gateway.transfers.delta_writing import keep_delta
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task


def move_snapshot(session: Session, task: Task, plan: Plan, delivered: Delivered) -> int:
    """Makes what was delivered the snapshot that counts, and keeps what that has changed. Answers its members.

    Works on the relations of settling. Raises Permanent if another transfer moved the snapshot.
    """
    if not delivered.added.through and not delivered.removed.through:
        return plan.snapshot_members
    fail_points.reached("before snapshot")
    path = task.snapshots.path(plan.snapshot_key, plan.snapshot_version + 1, task.id)
    all_new = all_new_members(task.workspace)
    if all_new is not None and _have_arrived(session, all_new, delivered.added):
        members = count_rows(all_new)
        for name in (path, task.workspace.file("delta.parquet")):
            link_file(all_new, name)
    else:
        members = _write_snapshot(session, task, plan, delivered, path)
    if not task.snapshots.advance(plan.snapshot_key, seen=plan.snapshot_version, members=members, transfer=task.id):
        raise Permanent(
            "another transfer has changed the destination meanwhile",
            place=str(task.request.destination),
            remedy="Share again: what was delivered is delivered, and the next transfer compares anew.",
        )
    fail_points.reached("after snapshot")
    return members


def has_digests(task: Task, plan: Plan) -> bool:
    """Whether files of members have a digest of their attributes; where rows name leavers, the others keep theirs."""
    return bool(plan.attributes) or task.request.mode.names_leavers


def _have_arrived(session: Session, members: Path, added: Span) -> bool:
    """Whether all of these members were added, and nobody else, without a doubt."""
    return added == Span(count_rows(members)) and not session.rows("FROM withdrawn LIMIT 1")


def _write_snapshot(session: Session, task: Task, plan: Plan, delivered: Delivered, path: Path) -> int:
    added, removed = delivered.added, delivered.removed
    digest = ", attributes" if has_digests(task, plan) else ""
    reached = f"position IS NULL OR position < {added.through}"
    joined = f"""
        SELECT target, target_key{digest}, NOT ({added.doubtful("coalesce(position, -1)")}) AS certain
        FROM joiner WHERE {reached}
        UNION ALL SELECT target, target_key{digest}, false AS certain FROM sent_anyway"""
    # Refused removals, those not sent, and those in doubt.
    kept = f"""
        SELECT target, target_key{digest}, certain AND NOT ({removed.doubtful("position")}) AS certain FROM leaver
        WHERE position >= {removed.through} OR {removed.doubtful("position")}
            OR target IN (SELECT target FROM refused_leaver)
        UNION ALL SELECT target, target_key{digest}, certain FROM staying"""
    kept = f"FROM ({kept}) ANTI JOIN withdrawn USING (target)"
    overtaken = _overtaken(session, task, plan, reached)
    before = task.snapshots.named(plan.snapshot_file)
    footer = None if plan.reconciles else snapshots.footer(before, recipe_label(task.source))
    members = session.publish(f"{joined} UNION ALL {kept}{overtaken}", path, footer)
    if task.request.mode is not TransferMode.ERASE:  # which cannot be taken back
        keep_delta(session, task, plan, delivered)
    return members


def _overtaken(session: Session, task: Task, plan: Plan, reached: str) -> str:
    """What a query adds for members who were to be sent again and were not: those in doubt, or with older attributes.

    The destination may hold them as they were, so that they stay, uncertain.
    """
    digest = ", attributes" if has_digests(task, plan) else ""
    session.view("snapshot", snapshots.members(task.snapshots.named(plan.snapshot_file)))
    session.view("sent_before", "FROM snapshot" if plan.attributes else "FROM snapshot WHERE NOT certain")
    if not session.rows("SELECT 1 FROM sent_before LIMIT 1"):
        return ""
    session.view("joined", f"SELECT target FROM joiner WHERE {reached} UNION ALL SELECT target FROM sent_anyway")
    return f"""
        UNION ALL SELECT target, target_key{digest}, false AS certain
        FROM sent_before SEMI JOIN member USING (target) ANTI JOIN joined USING (target)"""
