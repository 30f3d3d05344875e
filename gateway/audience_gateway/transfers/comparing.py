"""Compares the members of a transfer with the snapshot, one share after the other."""

from __future__ import annotations

from functools import partial
from typing import cast

from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import columns
from audience_gateway.transfers.claim import found
from audience_gateway.transfers.compare import Changes, compare
from audience_gateway.transfers.compare_new import are_all_new, compare_new
from audience_gateway.transfers.known import Known
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.reconcile import asks
from audience_gateway.transfers.shares import Share, shares
from audience_gateway.transfers.steps import TransferSteps
from audience_gateway.transfers.task import Task


def compare_all(steps: TransferSteps, task: Task, known: Known, planned: Plan, again: str = "") -> Changes:
    """What the comparison finds; each share is a step, or all of them where there is nothing to compare with.

    `again` is part of the names of steps where one has been made before.

    Raises EndsEarly.
    """
    if are_all_new(task, planned, known):
        compared = steps.run(f"compare{again}", partial(compare_new, task, planned, rows_read=known.rows_read))
        return Changes(**cast("dict[str, int]", compared))
    changes = Changes(joiners=0, leavers=0, members=0, kept=0)
    for share in shares(known.shares):
        members = partial(_members, task, planned, known, share)
        comparing = partial(compare, task, planned, share, members, changes, rows_read=known.rows_read)
        compared = steps.run(f"compare{again}-{share.name}", comparing)
        changes += Changes(**cast("dict[str, int]", compared))
    return changes


def _members(task: Task, plan: Plan, known: Known, share: Share, session: Session) -> str:
    """A query of the members of a share: row, target and target_key."""
    workspace = task.workspace
    if not asks(task, plan):
        return f"FROM ({files(workspace.parts('members'), columns.MEMBERS)}) WHERE {share.holds(plan.member_key)}"
    if known.contested:  # records were claimed by these very shares
        return files([workspace.part("members", share.name)], columns.MEMBERS)
    return f"SELECT row, target, CAST(NULL AS UUID) AS target_key FROM ({found(session, workspace, share)})"
