"""A chunk is written once, and who wrote it has its rows at hand."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
from audience_gateway.sdk import MemberBatch, MemberPage
from audience_gateway.transfers.chunk_files import numbered_rows, write_chunk


def rows(names: str, before: int = 0) -> pa.Table:
    pages = [MemberPage(MemberBatch.of(pa.array([name])), name) for name in names]
    return numbered_rows(pages, before, last=False)


def test_rows_are_numbered_from_those_before_them():
    assert rows("ab", before=7).select(["row", "id"]).to_pylist() == [{"row": 8, "id": "a"}, {"row": 9, "id": "b"}]


def test_who_has_written_a_chunk_need_not_read_it(tmp_path):
    chunk = write_chunk(tmp_path / "chunk.parquet", rows("ab"))
    assert (chunk.file.rows, chunk.file.resume_token) == (2, "b")
    assert chunk.rows.equals(pq.read_table(tmp_path / "chunk.parquet"))


def test_where_another_has_written_it_its_rows_count(tmp_path):
    write_chunk(tmp_path / "chunk.parquet", rows("ab"))
    chunk = write_chunk(tmp_path / "chunk.parquet", rows("xyz"))
    assert (chunk.file.rows, chunk.file.resume_token, chunk.rows) == (2, "b", None)
