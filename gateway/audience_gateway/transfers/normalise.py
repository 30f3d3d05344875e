"""Stage normalise: brings the ids of a chunk into canonical form and makes their keys, or says why there is none."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience_gateway.identity.keys import by_partition, make_keys
from audience_gateway.identity.normalisation import normalise, recipe_label
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Normalised
from audience_gateway.sdk.row_groups import batches_of
from audience_gateway.storage.column_files import publish_columns
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.chunk_files import ChunkFile
from audience_gateway.transfers.model import Stage, TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.ranking import rank_chunk
from audience_gateway.transfers.task import Task

_ROWS_AT_ONCE = 50_000


async def normalise_chunk(task: Task, plan: Plan, number: int, rows_before: int) -> StepResult:
    """Normalises one chunk. Answers its rows."""
    rows = await write_normalised(task, plan, number, rows_before)
    await in_background(task.progress, Stage.NORMALISE, rows_before + rows, None)
    return {"rows": rows}


async def write_normalised(task: Task, plan: Plan, number: int, rows_before: int, rows: pa.Table | None = None) -> int:
    """Writes the file of one chunk, unless it is there; its rows are read if they are not given. Answers how many."""
    path = task.workspace.chunk("ranked" if task.further else "normalised", number)
    if path.exists():
        return ChunkFile.read(task.workspace.chunk("extract", number)).rows
    if task.further:
        return await in_background(rank_chunk, task, number)
    return await in_background(_normalise, task, plan, number, rows_before, rows)


def _normalise(task: Task, plan: Plan, number: int, rows_before: int, rows: pa.Table | None) -> int:
    path = task.workspace.chunk("extract", number)
    encoded = ChunkFile.read(path).encoded
    judged = (_judged(task, batch, encoded=encoded) for batch in _batches(path, rows))
    chunk = pa.concat_tables([_keyed(task, plan, members) for members in judged])
    # No order for the first partition's worth of rows: most transfers have no more.
    ordered = by_partition(chunk) if rows_before >= task.sizes.partition_rows else chunk
    publish_columns(ordered, task.workspace.chunk("normalised", number), {"recipe": recipe_label(task.source)})
    return len(chunk)


def _batches(path: Path, rows: pa.Table | None) -> Iterator[pa.RecordBatch]:
    if rows is not None:
        chosen = rows.select(list(columns.EXTRACTED))
        for first in range(0, len(chosen), _ROWS_AT_ONCE):  # pages may be of few rows each
            yield from chosen.slice(first, _ROWS_AT_ONCE).combine_chunks().to_batches()
        return
    with pq.ParquetFile(path) as file:
        yield from batches_of(file, _ROWS_AT_ONCE, list(columns.EXTRACTED))


def _judged(task: Task, members: pa.RecordBatch, *, encoded: bool) -> pa.RecordBatch:
    normalised, defects = _normalised(task, members.column("id"), encoded=encoded), members.column("defect")
    value, reason = normalised.values, normalised.reasons
    if defects.null_count < len(defects):
        value = pc.if_else(pc.is_null(defects), value, pa.scalar(None, pa.string()))
        reason = pc.coalesce(defects, reason)
    return pa.RecordBatch.from_pydict(
        {
            "row": members.column("row"),
            "value": value,
            "opted_out": _opted_out(task, members),
            "reason": reason,
        }
    )


def _keyed(task: Task, plan: Plan, members: pa.RecordBatch) -> pa.Table:
    """The rows with their keys, and without values where only records are delivered."""
    values = members.column("value")
    erased = task.request.mode is TransferMode.ERASE
    keys = _erased(values) if erased else make_keys(values, task.source.id_type, task.source.name)
    return pa.table(
        {
            "row": members.column("row"),
            "key": keys,
            "value": pa.nulls(len(values), pa.string()) if plan.reconciles else values,
            "opted_out": members.column("opted_out"),
            "reason": members.column("reason"),
        }
    )


def _erased(texts: pa.StringArray) -> pa.Array:
    """Keys that were written as texts."""
    keys = [None if text is None else uuid.UUID(text).bytes for text in texts.to_pylist()]
    return pa.ExtensionArray.from_storage(pa.uuid(), pa.array(keys, pa.uuid().storage_type))


def _normalised(task: Task, ids: pa.StringArray, *, encoded: bool) -> Normalised:
    if task.request.mode in {
        TransferMode.UNDO,
        TransferMode.ERASE,
    }:  # these are keys, and no ids to be brought into form
        return Normalised(ids, pa.nulls(len(ids), pa.string()))
    return normalise(task.strategy, ids, task.source, encoded=encoded)


def _opted_out(task: Task, members: pa.RecordBatch) -> pa.BooleanArray:
    if task.request.mode is TransferMode.REMOVE_ONLY:  # who does not want to be shared may leave all the same
        return pa.repeat(pa.scalar(False), members.num_rows)
    return members.column("opted_out")
