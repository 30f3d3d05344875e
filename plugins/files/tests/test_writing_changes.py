"""A connection that writes changes: each write is a file of those who join or leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.sdk import (
    Capability,
    ConfigError,
    ReadRequest,
    TargetBatch,
    WritePromise,
    WriteRequest,
    capabilities,
)
from audience_gateway_files import FilesSettings
from audience_gateway_files.change_files import ChangeFiles
from audience_gateway_files.change_names import ChangeName
from pydantic import ValidationError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
async def connector(opened, context) -> ChangeFiles:
    context.time = NOON
    return await opened(changes={})


def request(source, *targets: str, key: str = "transfer/add-00000", audience: str = "gold.csv") -> WriteRequest:
    return WriteRequest(audience=audience, source=source, batch=TargetBatch.of(targets), key=key)


async def files(bucket) -> dict[str, bytes]:
    return {
        file.key: b"".join([piece async for piece in bucket.read(file.key)]) async for file in bucket.list("changes/")
    }


async def test_it_takes_joiners_and_leavers_and_no_replacement():
    assert capabilities(ChangeFiles) >= {Capability.WRITE_MEMBERS, Capability.REMOVE_MEMBERS, Capability.READ_MEMBERS}
    assert Capability.REPLACE_MEMBERS not in capabilities(ChangeFiles)


async def test_rows_say_what_happens_to_their_member(connector, bucket, source):
    await connector.write_members(request(source, "a", "b"))
    await connector.remove_members(request(source, "c", key="transfer/remove-00000"))
    assert list((await files(bucket)).values()) == [b"id,change\na,add\nb,add\n", b"id,change\nc,remove\n"]


async def test_a_repeat_writes_no_second_file(connector, bucket, context, source):
    assert connector.write_promise() is WritePromise.IDEMPOTENT_BY_FILE_NAME
    await connector.write_members(request(source, "a"))
    before = await files(bucket)
    context.time += timedelta(hours=1)
    assert (await connector.write_members(request(source, "a"))).accepted == 1
    assert await files(bucket) == before


async def test_names_are_in_the_order_of_writing_whatever_the_clock_says(connector, bucket, context, source):
    await connector.write_members(request(source, "first", key="one/add-00000"))
    context.time -= timedelta(days=1)
    await connector.remove_members(request(source, "second", key="two/remove-00000"))
    context.time += timedelta(days=2)
    await connector.write_members(request(source, "third", key="three/add-00000"))
    contents = [content.split(b"\n")[1].split(b",")[0] for content in (await files(bucket)).values()]
    assert contents == [b"first", b"second", b"third"]


async def test_audiences_that_begin_alike_do_not_share_files(connector, bucket, source):
    await connector.write_members(request(source, "a", audience="gold.csv"))
    await connector.write_members(request(source, "a", audience="gold.old.csv"))
    await connector.write_members(request(source, "a", audience="gold.csv.gz"))
    assert len(await files(bucket)) == 3


async def test_an_audience_needs_not_be_there(connector, bucket, source):
    await bucket.write("silver.csv", b"id\n1\n")
    await connector.write_members(request(source, "a"))
    listed = [(audience.id, audience.readable) async for audience in connector.list_audiences()]
    assert listed == [("gold.csv", False), ("silver.csv", True)]
    assert (await connector.get_audience("new.tsv")).writable
    assert await connector.get_audience("new") is None
    with pytest.raises(ConfigError, match="does not tell its format"):
        await connector.check_destination("new", source)


async def test_another_connection_reads_a_file_as_changes(connector, bucket, opened, source):
    for audience in ("gold.tsv.gz", "gold.parquet"):
        await connector.remove_members(request(source, 'with "quotes"', "and\ttab", audience=audience))
    reading = await opened(bucket=f"{bucket.url}/changes", change_column="change")
    async for audience in reading.list_audiences():
        pages = [page async for page in reading.read_members(ReadRequest(audience=audience.id, source=source))]
        rows = [row for page in pages for row in page.members.columns.to_pylist()]
        assert [(row["id"], row["leaves"]) for row in rows] == [('with "quotes"', True), ("and\ttab", True)]


async def test_the_column_has_another_name_than_that_of_the_id(bucket):
    with pytest.raises(ValidationError, match="name another one"):
        FilesSettings.model_validate({"bucket": bucket.url, "id_column": "change", "changes": {}})


@pytest.mark.parametrize("audience", ["gold.csv", "a.b.TSV.gz", "x.parquet"])
def test_a_name_tells_audience_time_and_change(audience):
    name = ChangeName(audience, NOON + timedelta(milliseconds=7), "remove", "0123456789abcdef")
    assert ChangeName.parse(str(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "gold.csv",
        "gold.20260102T120000000Z.keep.0123456789abcdef.csv",
        "g.20269902T120000000Z.add.0123456789abcdef.csv",
    ],
)
def test_other_names_are_none_of_ours(name):
    assert ChangeName.parse(name) is None
