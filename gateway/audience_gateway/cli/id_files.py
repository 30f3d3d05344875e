"""Files of ids: read in chunks of a fixed number of rows, and written whole or not at all."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from audience_gateway.cli.errors import CommandError
from audience_gateway.sdk import MemberBatch
from audience_gateway.storage.atomic_file import replacing

_COLUMN = pa.schema([MemberBatch.SCHEMA.field("id")])
_CHANGED = pa.schema([*_COLUMN, pa.field("change", pa.string())])
_CHANGES = pa.array(["add", "remove"])


class Sink(Protocol):
    """Takes members, batch by batch."""

    def write_batch(self, batch: pa.RecordBatch, /) -> None:
        """Takes the next members."""
        ...


def read_members(path: Path, column: str, change_column: str = "") -> Iterator[pa.RecordBatch]:
    """The ids of a column of a CSV file with a header; an empty one is null.

    With `leaves`, if a column says `add` or `remove`. Raises CommandError.
    """
    wanted = [column, *([change_column] if change_column else [])]
    faults: list[int] = []

    def note(row: pc_csv.InvalidRow) -> str:
        faults.append(row.number or 0)
        return "error"

    try:
        with pc_csv.open_csv(
            path,
            read_options=pc_csv.ReadOptions(use_threads=False),  # so that a fault has the number of its row
            parse_options=pc_csv.ParseOptions(
                newlines_in_values=True,
                ignore_empty_lines=_columns(path) > 1,  # where there is one column, an empty line is an empty id
                invalid_row_handler=note,
            ),
            convert_options=pc_csv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())
            ),
        ) as reader:
            row = 0
            for batch in reader:
                yield _with_nulls(batch, path, row)
                row += batch.num_rows
    except (OSError, KeyError, csv.Error, pa.ArrowException) as error:
        # Without the error's own text: it may show a row.
        raise CommandError(f"{path}: {_finding(error, wanted, faults)}", "Correct the file, or name another.") from None


def in_chunks(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[MemberBatch]:
    """The same ids in chunks of so many rows, the last one of fewer: always the same chunks of the same file."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest = batch
        while count + rest.num_rows >= rows:
            yield _chunk([*waiting, rest.slice(0, rows - count)])
            rest, waiting, count = rest.slice(rows - count), [], 0
        waiting, count = [*waiting, rest], count + rest.num_rows
    if count:
        yield _chunk(waiting)


@contextmanager
def writing_members(path: Path | None, *, changes: bool = False) -> Iterator[Sink]:
    """Takes members for a file: all columns as Arrow if it ends on `.arrow`, else the ids as CSV; None is stdout.

    CSV has a column `change` if there may be changes; else somebody who leaves raises CommandError.
    """
    layout, lines = (_CHANGED, _Changes) if changes else (_COLUMN, _IdsOnly)
    if path is None:
        with pc_csv.CSVWriter(sys.stdout.buffer, layout) as writer:
            yield lines(writer)
        return
    with replacing(path) as temporary:
        if path.suffix == ".arrow":
            with pa.OSFile(str(temporary), "wb") as file, pa.ipc.new_file(file, MemberBatch.SCHEMA) as arrow:
                yield arrow
        else:
            with pc_csv.CSVWriter(temporary, layout) as writer:
                yield lines(writer)


class _IdsOnly:
    """Passes the ids on and nothing else."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Takes the next members."""
        if batch.column("leaves").true_count:
            raise CommandError("some rows say that somebody leaves", "Read with --changes, which adds a column for it.")
        self._sink.write_batch(batch.select(["id"]))


class _Changes:
    """Passes on the ids, and whether they are added or removed."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Takes the next members."""
        said = _CHANGES.take(pc.cast(batch.column("leaves"), pa.int8()))
        self._sink.write_batch(pa.record_batch([batch.column("id"), said], schema=_CHANGED))


def _columns(path: Path) -> int:
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        return len(next(csv.reader(file), []))


def _chunk(batches: list[pa.RecordBatch]) -> MemberBatch:
    ids, *leaves = (pa.concat_arrays(columns) for columns in zip(*(batch.columns for batch in batches), strict=True))
    return MemberBatch.of(ids, leaves=leaves[0] if leaves else None)


def _with_nulls(batch: pa.RecordBatch, path: Path, rows_before: int) -> pa.RecordBatch:
    ids, *changes = batch.columns
    present = pc.greater(pc.binary_length(ids), 0)
    ids = pc.if_else(present, ids, pa.scalar(None, pa.string()))
    if not changes:
        return pa.record_batch([ids], schema=_COLUMN)
    said = pc.index_in(pc.utf8_lower(pc.utf8_trim_whitespace(changes[0])), value_set=_CHANGES)
    if said.null_count:
        row = rows_before + pc.index(pc.is_null(said), True).as_py() + 1
        raise CommandError(f"{path}: row {row} says neither `add` nor `remove`", "Correct the file, or name another.")
    return pa.record_batch([ids, pc.equal(said, 1)], names=["id", "leaves"])


def _finding(error: Exception, wanted: list[str], faults: list[int]) -> str:
    if isinstance(error, OSError):
        return f"the file cannot be read: {error.strerror or 'it is no regular file'}"
    if isinstance(error, KeyError):
        return f"there is no column {' or no column '.join(repr(name) for name in wanted)}"
    return f"row {faults[-1]} has another number of columns than the header" if faults else "not a CSV file in UTF-8"
