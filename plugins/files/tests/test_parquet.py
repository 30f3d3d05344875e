from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.sdk import ConfigError, Permanent


def parquet(column: pa.Array, name: str = "id", **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"other": pa.nulls(len(column), pa.int8()), name: column}), sink, **options)
    return sink.getvalue()


def ids(pages) -> list[str | None]:
    return [row for page in pages for row in page.members.columns.column("id").to_pylist()]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["1", "2"]),
        pa.array(["1", "2"], pa.large_string()),
        pa.array(["1", "2"]).dictionary_encode(),
        pa.array([1, 2], pa.int64()),
        pa.array([1, 2], pa.uint8()),
    ],
    ids=lambda column: str(column.type),
)
async def test_text_and_integers_are_ids(read, column):
    assert ids(await read("list.parquet", parquet(column))) == ["1", "2"]


@pytest.mark.parametrize(
    "column", [pa.array([1.0]), pa.array([b"x"], pa.binary()), pa.array([True])], ids=lambda column: str(column.type)
)
async def test_other_types_are_refused_because_digits_would_be_lost(read, column):
    with pytest.raises(ConfigError, match="allowed: text and integers"):
        await read("list.parquet", parquet(column))


async def test_a_parquet_file_may_be_gzipped_as_a_whole(read):
    assert ids(await read("list.parquet.gz", gzip.compress(parquet(pa.array(["a"]))))) == ["a"]


async def test_a_row_without_id_or_with_an_empty_one_has_none_and_an_invalid_one_has_a_defect(read):
    invalid = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")])
    column = pa.concat_arrays([pa.array([None, "", "a" * 20]), invalid, pa.array(["ok"])])
    (page,) = await read("list.parquet", parquet(column), max_row_bytes=10)
    assert page.members.columns.column("id").to_pylist() == [None, None, None, None, "ok"]
    assert page.members.columns.column("defect").to_pylist() == [
        None,
        None,
        "row_too_large",
        "invalid_encoding",
        None,
    ]


async def test_reading_resumes_in_the_middle_of_a_row_group(read):
    column = pa.array([str(number) for number in range(250_000)])
    content = parquet(column, row_group_size=130_000)
    pages = await read("list.parquet", content)
    for number, page in enumerate(pages):
        rest = await read("list.parquet", content, after=page.resume_token)
        assert ids(rest) == ids(pages[number + 1 :])
    assert ids(pages) == column.to_pylist()


async def test_an_empty_file_has_no_rows(read):
    assert await read("list.parquet", b"") == []
    assert await read("none.parquet", parquet(pa.array([], pa.string()))) == []


async def test_the_column_must_be_there(read):
    with pytest.raises(ConfigError, match="there is no column `id`, found: `other`, `name`"):
        await read("list.parquet", parquet(pa.array(["a"]), name="name"))


@pytest.mark.parametrize("content", [b"PAR1 no more PAR1", b"id\na\n"])
async def test_what_is_no_parquet(read, content):
    with pytest.raises(Permanent, match=r"list\.parquet:1: the file is not valid Parquet"):
        await read("list.parquet", content)


async def test_a_damaged_page_is_named_by_its_row(read):
    content = bytearray(parquet(pa.array([f"{number:040}" for number in range(1000)]), compression="gzip"))
    middle = content.index(b"\x1f\x8b") + 20
    content[middle : middle + 200] = b"\0" * 200
    with pytest.raises(Permanent, match=r"list\.parquet:1: the file is damaged"):
        await read("list.parquet", bytes(content))
