"""Reads Parquet files of any size in the memory of a few row groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import pyarrow as pa
import pyarrow.parquet as pq


def batches_of(
    file: pq.ParquetFile, rows: int, columns: Sequence[str] | None = None, groups: Sequence[int] | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of some row groups in batches of so many at most; of all groups and columns, unless some are named.

    Arrow keeps what it has read of all groups that it is asked for at once, so it is asked for few.
    """
    wanted = range(file.num_row_groups) if groups is None else groups
    return chain.from_iterable(
        file.iter_batches(rows, row_groups=few, columns=columns) for few in _few(file.metadata, rows, wanted)
    )


def _few(metadata: pq.FileMetaData, rows: int, groups: Sequence[int]) -> Iterator[list[int]]:
    few: list[int] = []
    held = 0
    for group in groups:
        few.append(group)
        held += metadata.row_group(group).num_rows
        if held >= rows:
            yield few
            few, held = [], 0
    if few:
        yield few
