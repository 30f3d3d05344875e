"""Join keys are 128 bits from end to end: no file on the way rounds them."""

from __future__ import annotations

import hashlib
import uuid

import duckdb
import pyarrow.parquet as pq
import pytest
from audience_gateway.identity.keys import key_expression, partition_expression, partition_name
from audience_gateway.storage.relations import QueryLimits, Relations


def key(value: str, *space: str) -> uuid.UUID:
    [(found,)] = duckdb.execute(
        f"SELECT {key_expression('value', *space)} FROM (SELECT ? AS value)", [value]
    ).fetchall()
    return found


def test_a_key_is_the_first_half_of_sha_256_over_id_type_data_source_and_value():
    digest = hashlib.sha256(b"visitor_id\x1fweb\x1f42").digest()
    assert key("42", "visitor_id", "web") == uuid.UUID(bytes=digest[:16])


def test_the_same_value_has_another_key_in_another_data_source_and_id_type():
    keys = {key("42", "visitor_id", "web"), key("42", "visitor_id", "app"), key("42", "declared_id", "web")}
    assert len(keys) == 3


def test_names_cannot_be_shifted_into_one_another():
    assert key("c", "a", "b") != key("c", "ab", "")


def test_a_null_has_no_key():
    [(found,)] = duckdb.execute(
        f"SELECT {key_expression('value', 'a')} FROM (SELECT NULL::VARCHAR AS value)"
    ).fetchall()
    assert found is None


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


def test_directories_of_partitions_sort_as_their_keys_do():
    assert [partition_name(number) for number in (0, 9, 10, 255)] == ["00", "09", "0a", "ff"]
