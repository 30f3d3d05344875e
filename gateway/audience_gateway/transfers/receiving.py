"""Notes, before anything is sent, who is going to be: a transfer that dies half-way has told already."""

from __future__ import annotations

import pyarrow.parquet as pq

from audience_gateway.identity.joining import FOUND
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import DataSource
from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import columns
from audience_gateway.transfers.all_new import all_new_members
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.received import Receiver
from audience_gateway.transfers.task import Task


def receiver(task: Task, plan: Plan, source: DataSource | None = None) -> Receiver:
    """Who receives what a transfer sends, by ids of its first data source or of another one."""
    name = (source or task.source).name
    return Receiver(task.request.destination, name, plan.snapshot_key, plan.reconciles)


async def note_received(task: Task, plan: Plan) -> StepResult:
    """Notes the joiners with the keys of the ids that they stand for. Answers how many there are."""
    return {"received": await in_background(_note, task, plan)}


def _note(task: Task, plan: Plan) -> int:
    all_new = all_new_members(task.workspace)
    if all_new is not None:
        return task.received.take(all_new, task.id, plan.snapshot_key)
    with task.relations.session() as session:
        session.view("compared", files(task.workspace.parts("compared"), columns.COMPARED))
        pairs = "SELECT target_key AS key, target FROM compared WHERE position IS NOT NULL"
        if plan.reconciles:
            if task.request.mode is TransferMode.UNDO:  # they were received before
                return 0
            if task.further:
                return _note_several(session, task, plan)
            pairs = _of_records(session, task)
        return task.received.note(session, task.id, receiver(task, plan), pairs)


def _of_records(session: Session, task: Task) -> str:
    """A query of the joiners with their keys; where everybody joins, with those of all ids that have found them."""
    [(members, joiners)] = session.rows("SELECT count(*), count(position) FROM compared")
    parts = task.workspace.parts("found")
    # A transfer that began before the answers of joins had keys has files without them.
    keyed = all("key" in pq.read_schema(part).names for part in parts)
    if keyed and joiners == members and not task.request.mode.names_leavers:
        found = files(parts, FOUND)
        return f"SELECT key, target FROM ({found})"
    session.view("normalised", files(task.workspace.chunks("normalised"), columns.NORMALISED))
    return "SELECT key, target FROM compared JOIN normalised USING (row) WHERE position IS NOT NULL"


def _note_several(session: Session, task: Task, plan: Plan) -> int:
    """Notes every id of each row: whoever asks to be erased may do so by any of them."""
    session.view("ranked", files(task.workspace.chunks("ranked"), columns.RANKED))
    noted = 0
    for rank, way in enumerate(task.ways):
        pairs = f"""SELECT key, target FROM compared JOIN ranked USING (row)
            WHERE position IS NOT NULL AND key IS NOT NULL AND rank = {rank}"""
        transfer = f"{task.id}-{rank}" if rank else task.id
        noted += task.received.note(session, transfer, receiver(task, plan, way.source), pairs)
    return noted
