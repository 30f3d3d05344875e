"""Join keys are 128 bits from end to end: no file on the way rounds them."""

from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.identity.keys import by_partition, make_keys, partition_expression, partition_name
from audience_gateway.storage.relations import QueryLimits, Relations


def key(value: str, *space: str) -> uuid.UUID:
    [found] = make_keys(pa.array([value]), *space).to_pylist()
    return found


def test_a_key_is_the_first_half_of_sha_256_over_id_type_data_source_and_value():
    digest = hashlib.sha256(b"visitor_id\x1fweb\x1f42").digest()
    assert key("42", "visitor_id", "web") == uuid.UUID(bytes=digest[:16])


def test_the_same_value_has_another_key_in_another_data_source_and_id_type():
    keys = {key("42", "visitor_id", "web"), key("42", "visitor_id", "app"), key("42", "declared_id", "web")}
    assert len(keys) == 3


def test_names_cannot_be_shifted_into_one_another():
    assert key("c", "a", "b") != key("c", "ab", "")


def test_a_null_has_no_key_and_moves_no_other():
    assert make_keys(pa.array([None, "42", None]), "a").to_pylist() == [None, key("42", "a"), None]


def test_no_values_have_no_keys():
    assert make_keys(pa.array([], pa.string()), "a") == pa.chunked_array([], pa.uuid())


def test_many_values_in_pieces_keep_their_order():
    values = [str(number) for number in range(120_001)]
    pieces = pa.chunked_array([values[:7], values[7:60_000], values[60_000:]])
    expected = [uuid.UUID(bytes=hashlib.sha256(f"a\x1f{value}".encode()).digest()[:16]) for value in values]
    assert make_keys(pieces, "a").to_pylist() == expected


def test_threads_that_make_keys_at_once_get_their_own():
    def made(number: int) -> list[uuid.UUID]:
        return make_keys(pa.array([str(number)] * 1_000), "a").to_pylist()

    with ThreadPoolExecutor(8) as threads:
        for number, found in enumerate(threads.map(made, range(64))):
            assert found == [key(str(number), "a")] * 1_000


def test_keys_that_differ_only_in_their_lowest_bit_stay_apart_in_a_file(tmp_path):
    near = [uuid.UUID(int=(1 << 127) + bit) for bit in (0, 1)]
    path = tmp_path / "keys.parquet"
    with Relations(tmp_path / "scratch", QueryLimits()) as relations, relations.session() as session:
        session.publish(" UNION ALL ".join(f"SELECT '{one}'::UUID AS key" for one in near), path)
        [(apart,)] = session.rows(f"SELECT count(DISTINCT key) FROM read_parquet('{path}')")
        kept = {found for (found,) in session.rows(f"SELECT key FROM read_parquet('{path}')")}
    assert (apart, kept) == (2, set(near))
    assert pq.read_schema(path).field("key").type.storage_type.byte_width == 16


@pytest.mark.parametrize(("bits", "partition"), [(0, 0), (1, 1), (4, 0xA), (8, 0xA7)])
def test_the_top_bits_of_a_key_tell_its_partition(bits: int, partition: int):
    first_byte_a7 = "a7ffffff-ffff-ffff-ffff-ffffffffffff"
    [(found,)] = duckdb.execute(
        f"SELECT {partition_expression('key', bits)} FROM (SELECT ?::UUID AS key)", [first_byte_a7]
    ).fetchall()
    assert found == partition


def keyed(*first_bytes: int | None) -> pa.Table:
    keys = [None if byte is None else bytes([byte]) + bytes(15) for byte in first_bytes]
    column = pa.ExtensionArray.from_storage(pa.uuid(), pa.array(keys, pa.binary(16)))
    return pa.table({"row": pa.array(range(len(keys)), pa.int64()), "key": column})


@pytest.mark.parametrize(
    ("first_bytes", "rows"),
    [
        ((0xA7, 0x00, 0xFF, 0x80), [1, 3, 0, 2]),
        ((9, None, 3, None), [2, 0, 1, 3]),
        ((5, 5, 1, 5), [2, 0, 1, 3]),
        ((), []),
    ],
)
def test_rows_lie_by_partition_and_those_without_a_key_behind_them(first_bytes, rows):
    assert by_partition(keyed(*first_bytes)).column("row").to_pylist() == rows


def test_rows_in_pieces_lie_by_partition_as_one():
    pieces = pa.concat_tables([keyed(7, 1), keyed(), keyed(4)])
    assert [key.bytes[0] for key in by_partition(pieces).column("key").to_pylist()] == [1, 4, 7]


def test_directories_of_partitions_sort_as_their_keys_do():
    assert [partition_name(number) for number in (0, 9, 10, 255)] == ["00", "09", "0a", "ff"]
