"""A file that cannot be read gets one error that names it and the line, and shows no content."""

from __future__ import annotations

import gzip
import json

import pytest
from audience_gateway.sdk import ConfigError, Permanent, ReadRequest


async def test_a_file_that_is_not_there(opened, source):
    with pytest.raises(Permanent, match=r"nothing\.csv: there is no such file"):
        await anext((await opened()).read_members(ReadRequest(audience="nothing.csv", source=source)))


async def test_a_name_that_does_not_tell_the_format(read):
    with pytest.raises(ConfigError, match=r"list\.xlsx: .*\.csv, \.tsv or \.parquet"):
        await read("list.xlsx", b"")


async def test_a_header_without_the_column_is_answered_with_the_columns_found(read):
    with pytest.raises(ConfigError, match=r"list\.csv:1: there is no column `id`, found: `name`, `mail`"):
        await read("list.csv", b"name,mail\nx,y\n")


async def test_a_header_with_the_column_twice(read):
    with pytest.raises(ConfigError, match="more than one column `id`"):
        await read("list.csv", b"id,id\nx,y\n")


async def test_what_looks_like_a_row_in_place_of_the_header_is_not_shown(read):
    with pytest.raises(ConfigError) as caught:
        await read("list.csv", b"Lovelace,ada@example.org,49301234567\n")
    assert "looks like a row" in str(caught.value)
    for value in ("Lovelace", "ada", "49301234567"):
        assert value not in str(caught.value)


@pytest.mark.parametrize("header", [b"\xff\xfe,id\n", b'"id\n', b"id\0\n"])
async def test_a_header_that_is_no_text(read, header):
    with pytest.raises(Permanent, match=r"list\.csv:1: the header cannot be read"):
        await read("list.csv", header)


async def test_a_number_beyond_the_header(read):
    with pytest.raises(ConfigError, match="there is no column 3, the header has 2"):
        await read("list.csv", b"a,b\n", id_column=3)


async def test_a_name_for_a_file_without_header(read):
    with pytest.raises(ConfigError, match="a file without header has no column named `id`"):
        await read("list.csv", b"a,b\n", header=False)


async def test_a_gzip_file_that_was_cut(read, bucket, opened, source):
    whole = gzip.compress(b"id\n" + b"".join(b"%032x\n" % (number**5) for number in range(100_000)), compresslevel=1)
    await bucket.write("list.csv.gz", whole[: len(whole) // 2])
    pages = (await opened()).read_members(ReadRequest(audience="list.csv.gz", source=source))
    rows = len((await anext(pages)).members)
    with pytest.raises(Permanent, match="is damaged or ends too early") as caught:
        await anext(pages)
    assert 0 < rows < 100_000
    assert caught.value.place == f"list.csv.gz:{rows + 2}"


@pytest.mark.parametrize("settings", [{"header": True}, {"header": False, "id_column": 1}])
async def test_what_is_no_gzip_at_all(read, settings):
    with pytest.raises(Permanent, match=r"list\.csv\.gz:1: the file is no gzip"):
        await read("list.csv.gz", b"id\na\n", **settings)


async def test_a_gzip_file_that_was_cut_in_the_header(read):
    with pytest.raises(Permanent, match=r"list\.csv\.gz:1: .* ends too early"):
        await read("list.csv.gz", gzip.compress(b"id,na")[:-4])


async def test_several_gzip_members_and_padding_are_one_file(read):
    pages = await read("list.csv.gz", gzip.compress(b"id\na\n") + gzip.compress(b"b\n") + b"\0" * 512)
    assert [row for page in pages for row in page.members.columns.column("id").to_pylist()] == ["a", "b"]


async def test_a_file_that_changed_is_not_resumed(read, bucket):
    pages = await read("list.csv", b"id\na\n")
    await bucket.write("list.csv", b"id\nanother\n")
    with pytest.raises(Permanent, match=r"list\.csv: the file changed while it was read"):
        await read("list.csv", b"", after=pages[0].resume_token)


async def test_a_file_that_changes_during_reading_is_noticed(bucket, opened, source):
    await bucket.write("list.csv", b"id\n" + b"a\n" * 150_000)
    pages = (await opened()).read_members(ReadRequest(audience="list.csv", source=source))
    await anext(pages)
    await bucket.write("list.csv", b"id\nanother\n")
    with pytest.raises(Permanent, match="the file changed"):
        [page async for page in pages]


@pytest.mark.parametrize("token", ["", "x", "{}", "[]", json.dumps({"etag": "x", "wanted": [], "other": 1})])
async def test_a_token_of_another_connector_is_refused(read, token):
    with pytest.raises(Permanent, match=r"list\.csv"):
        await read("list.csv", b"", after=token or "null")
