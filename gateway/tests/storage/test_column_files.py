"""Columns that are at hand become files that queries read."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.storage.column_files import publish_columns


@pytest.fixture
def path(tmp_path):
    return tmp_path / "columns.parquet"


def test_a_query_finds_what_was_written(path):
    columns = pa.table({"row": [1, 2, 3], "id": ["a", None, "ü"], "left": [True, False, None]})
    publish_columns(columns, path, {})
    assert duckdb.sql(f"FROM '{path}'").fetchall() == [(1, "a", True), (2, None, False), (3, "ü", None)]


@pytest.mark.parametrize("condition", ["reason IS NULL", "coalesce(reason, '') = ''", "reason IS DISTINCT FROM 'bad'"])
def test_a_reason_that_is_the_only_one_of_a_file_is_not_taken_for_that_of_all_rows(path, condition):
    publish_columns(pa.table({"row": range(1, 10), "reason": [None, "bad", *[None] * 7]}), path, {})
    assert duckdb.sql(f"SELECT row FROM '{path}' WHERE {condition}").fetchall() == [
        (row,) for row in (1, *range(3, 10))
    ]


def test_a_file_says_where_it_is_from(path):
    publish_columns(pa.table({"row": [1]}), path, {"recipe": "email@3"})
    assert pq.read_metadata(path).metadata[b"recipe"] == b"email@3"


def test_a_file_that_is_there_counts(path):
    for rows in (1, 2):
        publish_columns(pa.table({"row": range(rows)}), path, {})
    assert pq.read_metadata(path).num_rows == 1


def test_no_rows_are_a_file_with_columns(path):
    publish_columns(pa.table({"row": pa.array([], pa.int64()), "key": pa.array([], pa.uuid())}), path, {})
    assert duckdb.sql(f"SELECT row, key FROM '{path}'").fetchall() == []


def test_of_columns_in_order_a_range_is_read_alone(path):
    publish_columns(pa.table({"row": range(100_000)}), path, {})
    file = pq.read_metadata(path)
    bounds = [file.row_group(group).column(0).statistics for group in range(file.num_row_groups)]
    assert len([one for one in bounds if one.min <= 50_000 <= one.max]) == 1
    assert len(bounds) > 10
