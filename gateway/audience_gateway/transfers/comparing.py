"""Compares the members of a transfer with the snapshot, one share after the other."""

from __future__ import annotations

from functools import partial
from typing import cast

from audience_gateway.transfers.compare import Changes, compare
from audience_gateway.transfers.known import Known
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.shares import shares
from audience_gateway.transfers.steps import TransferSteps
from audience_gateway.transfers.task import Task


def compare_all(steps: TransferSteps, task: Task, known: Known, planned: Plan, again: str = "") -> Changes:
    """What the comparison finds; each share is a step. `again` is part of their names where one has been made before.

    Raises EndsEarly.
    """
    found = Changes(joiners=0, leavers=0, members=0, kept=0)
    for share in shares(known.shares):
        comparing = partial(compare, task, planned, share, found, contested=known.contested, rows_read=known.rows_read)
        compared = steps.run(f"compare{again}-{share.name}", comparing)
        found += Changes(**cast("dict[str, int]", compared))
    return found
