from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.sdk import ConfigError, ReadRequest, TargetBatch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


async def batches(*lists: list[str]):
    for targets in lists:
        yield TargetBatch.of(targets)


async def content(bucket, key: str) -> bytes:
    return b"".join([piece async for piece in bucket.read(key)])


async def test_a_file_holds_the_members_and_no_others(opened, bucket, source):
    await bucket.write("list.csv", b"id\nold\n")
    result = await (await opened()).replace_members("list.csv", source, batches(["a", "b"], ["c"]), "key")
    assert (result.accepted, result.refused) == (3, ())
    assert await content(bucket, "list.csv") == b"id\na\nb\nc\n"


async def test_a_repeat_writes_the_same_bytes(opened, bucket, source):
    connector = await opened()
    written = []
    for _ in range(2):
        await connector.replace_members("list.tsv.gz", source, batches(["a", "b"]), "key")
        written.append(await content(bucket, "list.tsv.gz"))
    assert written[0] == written[1]
    assert gzip.decompress(written[0]) == b"id\na\nb\n"


async def test_the_column_is_named_as_the_one_that_is_read(opened, bucket, source):
    await (await opened(id_column="mail")).replace_members("list.csv", source, batches(["a"]), "key")
    await (await opened(id_column=1, header=False)).replace_members("bare.csv", source, batches(["a"]), "key")
    assert await content(bucket, "list.csv") == b"mail\na\n"
    assert await content(bucket, "bare.csv") == b"a\n"


async def test_no_members_leave_a_file_with_a_header(opened, bucket, source):
    await (await opened()).replace_members("list.csv", source, batches(), "key")
    assert await content(bucket, "list.csv") == b"id\n"


async def test_parquet_is_written_as_text(opened, bucket, source):
    await (await opened()).replace_members("list.parquet", source, batches(["001"], ["2"]), "key")
    table = pq.read_table(pa.BufferReader(await content(bucket, "list.parquet")))
    assert table.to_pydict() == {"id": ["001", "2"]}


async def test_a_failed_source_leaves_the_file_as_it_was(opened, bucket, source):
    async def cut():
        yield TargetBatch.of(["a"])
        raise RuntimeError("cut")

    await bucket.write("list.csv", b"id\nold\n")
    with pytest.raises(Exception, match=r"cut|failed"):
        await (await opened()).replace_members("list.csv", source, cut(), "key")
    assert await content(bucket, "list.csv") == b"id\nold\n"


async def test_a_name_without_format_is_refused(opened, source):
    with pytest.raises(ConfigError, match="does not tell its format"):
        await (await opened()).replace_members("list", source, batches(["a"]), "key")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    targets=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6), min_size=1, max_size=9
    ),
    name=st.sampled_from(["l.csv", "l.tsv", "l.csv.gz", "l.parquet", "l.parquet.gz"]),
)
async def test_whatever_is_written_is_read_again(opened, source, targets, name):
    connector = await opened()
    await connector.replace_members(name, source, batches(targets), "key")
    pages = [page async for page in connector.read_members(ReadRequest(audience=name, source=source))]
    assert [row for page in pages for row in page.members.columns.column("id").to_pylist()] == targets
