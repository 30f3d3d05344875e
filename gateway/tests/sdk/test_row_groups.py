"""Parquet files are read a few row groups at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.sdk.row_groups import batches_of

ROWS = 1_000


@pytest.fixture
def file(tmp_path) -> Iterator[pq.ParquetFile]:
    path = tmp_path / "rows.parquet"
    columns = pa.table({"row": range(ROWS), "id": [f"id-{row}" for row in range(ROWS)]})
    pq.write_table(columns, path, row_group_size=10)
    with pq.ParquetFile(path) as opened:
        yield opened


def rows_of(batches: Iterator[pa.RecordBatch]) -> list[int]:
    return [row for batch in batches for row in batch.column("row").to_pylist()]


@pytest.mark.parametrize("rows", [1, 7, 10, 35, ROWS, 2 * ROWS])
def test_every_row_comes_once_in_its_order_and_no_batch_has_more_than_asked_for(file, rows):
    batches = list(batches_of(file, rows))
    assert rows_of(batches) == list(range(ROWS))
    assert max(batch.num_rows for batch in batches) <= rows


def test_batches_of_small_groups_are_as_large_as_asked_for(file):
    assert [batch.num_rows for batch in batches_of(file, 250)] == [250] * 4


def test_some_groups_alone(file):
    assert rows_of(batches_of(file, 100, ["row"], [1, 99])) == [*range(10, 20), *range(990, 1_000)]


def test_no_groups_are_no_batches(file):
    assert list(batches_of(file, 100, groups=[])) == []


def test_some_columns_alone(file):
    assert {tuple(batch.schema.names) for batch in batches_of(file, 100, ["id"])} == {("id",)}


def test_little_of_a_large_file_is_in_memory(tmp_path):
    path = tmp_path / "rows.parquet"
    ids = [hashlib.sha256(str(row).encode()).hexdigest() for row in range(100_000)]
    pq.write_table(pa.table({"id": ids}), path, row_group_size=1_000)
    with pq.ParquetFile(path) as opened:
        before = pa.total_allocated_bytes()
        held = [pa.total_allocated_bytes() - before for _ in batches_of(opened, 1_000)]
    assert len(held) == 100
    assert max(held) < path.stat().st_size / 10
