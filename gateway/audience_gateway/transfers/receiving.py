"""Notes, before anything is sent, who is going to be: a transfer that dies half-way has told already."""

from __future__ import annotations

from audience_gateway.jobs.engine import StepResult
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.received import Receiver
from audience_gateway.transfers.task import Task


def receiver(task: Task, plan: Plan) -> Receiver:
    """Who receives what a transfer sends."""
    return Receiver(task.request.destination, task.source.name, plan.snapshot_key, plan.reconciles)


async def note_received(task: Task, plan: Plan) -> StepResult:
    """Notes the joiners with the keys of the ids that they stand for. Answers how many there are."""
    return {"received": await in_background(_note, task, plan)}


def _note(task: Task, plan: Plan) -> int:
    with task.relations.session() as session:
        session.view("compared", files(task.workspace.parts("compared"), columns.COMPARED))
        pairs = "SELECT target_key AS key, target FROM compared WHERE position IS NOT NULL"
        if plan.reconciles:
            if task.request.mode is TransferMode.UNDO:  # they were received before
                return 0
            session.view("normalised", files(task.workspace.chunks("normalised"), columns.NORMALISED))
            pairs = "SELECT key, target FROM compared JOIN normalised USING (row) WHERE position IS NOT NULL"
        return task.received.note(session, task.id, receiver(task, plan), pairs)
