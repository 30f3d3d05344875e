"""A dry run: what would become of every row, without writing anything."""

from __future__ import annotations

import asyncio

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Permanent
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.delivered import Delivered, Span
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task


async def check_snapshot(task: Task, planned: Plan) -> StepResult:
    """Raises Permanent if the snapshot that was compared with may have gone: others go on beside a dry run."""
    current = await asyncio.to_thread(task.snapshots.current, planned.snapshot_key)
    if current.version > planned.snapshot_version + 1:
        raise Permanent(
            "other transfers have changed the destination while it was compared with",
            place=str(task.request.destination),
            remedy="Do the dry run again.",
        )
    return {}


def would_be_delivered(planned: Plan, changes: Changes) -> Delivered:
    """What would be delivered if the destination refused nobody."""
    return Delivered(Span(changes.joiners), Span(changes.leavers if planned.removes else 0))
