from __future__ import annotations

import os
import time
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
from audience_gateway.sdk import IndexChange, IndexRequest

CROSSWALK = {"file": "owners.csv", "id_column": "mail", "target_column": "key"}


async def entries(connector, source) -> list[dict[str, object]]:
    pages = [page async for page in connector.read_index(IndexRequest(source=source))]
    return [entry for page in pages for entry in page.entries.columns.to_pylist()]


async def test_without_a_crosswalk_nothing_is_reconciled(opened, source):
    connector = await opened()
    assert not connector.reconciles(source)
    assert await entries(connector, source) == []


async def test_a_crosswalk_tells_which_record_owns_which_id(opened, bucket, source):
    await bucket.write("owners.csv", b"key,mail\n1,a@x\n2,b@x\n")
    connector = await opened(index=CROSSWALK)
    assert connector.reconciles(source)
    assert [(entry["id"], entry["target"]) for entry in await entries(connector, source)] == [
        ("a@x", "1"),
        ("b@x", "2"),
    ]


async def test_rows_that_cannot_be_read_or_have_no_owner_are_no_entries(opened, bucket, source):
    await bucket.write("owners.csv", b"key,mail\n,a@x\n2\n3,\n4,d@x\n")
    found = await entries(await opened(index=CROSSWALK), source)
    assert [entry["id"] for entry in found] == [None, None, None, "d@x"]


async def test_times_are_read_with_any_offset_and_flags_err_towards_opted_out(opened, bucket, source):
    rows = [
        b"key,mail,seen,out",
        b"1,a,2026-01-02T03:04:05+02:00,",
        b"2,b,2026-01-02 03:04:05,No",
        b"3,c,yesterday,1",
        b"4,d,,what",
        b"5,e,,",
    ]
    await bucket.write("owners.csv", b"\n".join(rows))
    connector = await opened(index={**CROSSWALK, "last_seen_column": "seen", "opted_out_column": "out"})
    found = await entries(connector, source)
    assert [entry["last_seen"] for entry in found] == [
        datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        None,
        None,
        None,
    ]
    assert [entry["opted_out"] for entry in found] == [False, False, True, True, False]


async def test_a_crosswalk_may_be_parquet_with_types_of_its_own(opened, bucket, source, tmp_path):
    table = pa.table(
        {
            "mail": ["a"],
            "key": pa.array([1001]),
            "seen": pa.array([datetime(2026, 1, 2, tzinfo=UTC)]),
            "out": [True],
        }
    )
    pq.write_table(table, tmp_path / "owners.parquet")
    settings = {**CROSSWALK, "file": "owners.parquet", "last_seen_column": "seen", "opted_out_column": "out"}
    assert await entries(await opened(index=settings), source) == [
        {"id": "a", "target": "1001", "last_seen": datetime(2026, 1, 2, tzinfo=UTC), "opted_out": True}
    ]


async def test_a_crosswalk_that_is_the_same_file_has_not_changed(opened, bucket, source, tmp_path):
    await bucket.write("owners.csv", b"key,mail\n1,a@x\n")
    connector = await opened(index=CROSSWALK)
    (path,) = tmp_path.rglob("owners.csv")
    os.utime(path, (0, time.time() - 60))
    mark = await connector.mark_index(source, None)
    assert (mark.change, mark.complete) == (IndexChange.UNKNOWN, True)
    assert (await connector.mark_index(source, mark.token)).change is IndexChange.NONE
    await bucket.write("owners.csv", b"key,mail\n2,a@x\n")
    os.utime(path, (0, time.time() - 50))
    assert (await connector.mark_index(source, mark.token)).change is IndexChange.UNKNOWN


async def test_a_crosswalk_that_was_written_just_now_is_not_relied_upon(opened, bucket, source):
    await bucket.write("owners.csv", b"key,mail\n1,a@x\n")
    assert (await (await opened(index=CROSSWALK)).mark_index(source, None)).token == ""
