"""Whom the suppression list keeps out of a transfer: looked up once while reconciling, and again before each write."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from audience_gateway.identity.partitions import Partition
from audience_gateway.sdk.outcomes import DETAIL_MARK
from audience_gateway.storage.relations import Session, files
from audience_gateway.suppression.suppression_list import reasons
from audience_gateway.transfers import columns
from audience_gateway.transfers.chunk_files import leaving_rows
from audience_gateway.transfers.index import index_entries
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task

_SEEN = "seen"
_REMOVING = {TransferMode.REMOVE_ONLY, TransferMode.ERASE}


def name_rows(session: Session, task: Task, plan: Plan, partition: Partition) -> None:
    """Names the rows of a partition `normalised`, with the reason why an id must not be shared.

    Rows that name leavers stay as they are: whoever must not be shared may leave all the same.
    """
    rows = files(task.workspace.chunks("normalised"), columns.NORMALISED)
    session.view("any_key", _keys_of_rows(task, rows))
    # Rows without a key have to be decided somewhere, too.
    keyless = f" UNION ALL FROM ({rows}) WHERE key IS NULL" if partition.bits and not partition.number else ""
    session.view("row_read", f"FROM ({rows}) WHERE {partition.holds('key')}{keyless}")
    found = 0 if task.request.mode in _REMOVING else _keep(session, task, plan)
    if not found:
        session.view("normalised", "FROM row_read")
        return
    session.view("suppressed", files([_file(task)], columns.SUPPRESSED))
    session.view("suppressed_row", _suppressed_rows(task, plan))
    session.view(
        "normalised",
        f"""SELECT row, key, value, opted_out, coalesce(row_read.reason,
            CASE WHEN opted_out THEN NULL WHEN told.detail = '' THEN told.reason
                ELSE told.reason || '{DETAIL_MARK}' || told.detail END) AS reason
        FROM row_read LEFT JOIN suppressed_row AS told USING (row)""",
    )
    session.publish("SELECT DISTINCT target FROM any_entry SEMI JOIN suppressed USING (key)", barred(task))


def barred(task: Task) -> Path:
    """File of the records that count as opted out, whichever id leads to them, since another of theirs is suppressed.

    It is missing where there are none.
    """
    return task.workspace.file("suppressed_records.parquet")


def changed_since(task: Task) -> list[str]:
    """Names of the files of the suppression list that are there since reconciling; none where nobody is looked up."""
    try:
        seen = json.loads(pq.read_metadata(_file(task)).metadata[_SEEN.encode()])
    except FileNotFoundError:
        return []
    return sorted(set(task.suppressions.names()) - set(seen))


def _keep(session: Session, task: Task, plan: Plan) -> int:
    """Writes suppressed.parquet, with the first partition, and answers how many keys are in there."""
    seen = task.suppressions.names()
    session.view("any_entry", index_entries(task, plan))
    met = "SELECT key FROM any_key WHERE key IS NOT NULL"
    if task.request.mode is TransferMode.UNDO:
        met = f"SELECT key FROM ({_undone(task, plan)})"
    elif plan.reconciles:
        met = f"{met} UNION ALL SELECT key FROM any_entry"
    nobody = f"FROM ({files([], columns.SUPPRESSED)})"
    found = reasons(task.suppressions.changes(seen), met, task.purposes) if seen else nobody
    return session.publish(found, _file(task), {_SEEN: json.dumps(seen)})


def _suppressed_rows(task: Task, plan: Plan) -> str:
    if task.request.mode is TransferMode.UNDO:
        return f"""SELECT row, min(suppressed.reason) AS reason, min(detail) AS detail
            FROM ({_undone(task, plan)}) AS undone JOIN suppressed USING (key) WHERE NOT added GROUP BY row"""
    leaving = leaving_rows(task.workspace) if task.request.mode is TransferMode.DELTA else "SELECT 0 AS row"
    added = f"any_key ANTI JOIN ({leaving}) AS leaving USING (row)"
    return f"""SELECT row, min(suppressed.reason) AS reason, min(detail) AS detail
        FROM {added} JOIN suppressed USING (key) GROUP BY row"""


def _keys_of_rows(task: Task, rows: str) -> str:
    """All keys of each row: whoever must not be shared is not shared by any other id of the row either."""
    return files(task.workspace.chunks("ranked"), columns.RANKED) if task.further else rows


def _undone(task: Task, plan: Plan) -> str:
    """A query of the members to be taken back: row, added, and the keys of the ids that they were received by."""
    undone = files([task.workspace.file("undone.parquet")], columns.UNDONE)
    if not plan.reconciles:
        return f"SELECT row, added, target_key AS key FROM ({undone})"
    received = task.received.pairs(plan.snapshot_key)
    return f"SELECT row, added, key FROM ({undone}) JOIN ({received}) AS received USING (target)"


def _file(task: Task) -> Path:
    return task.workspace.file("suppressed.parquet")
