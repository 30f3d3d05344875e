"""Partitions of keys: as many as needed, and each key is in exactly one."""

from __future__ import annotations

from uuid import UUID

import duckdb
import pytest
from audience_gateway.identity.keys import partition_expression
from audience_gateway.identity.partitions import Partition, partitions
from hypothesis import given
from hypothesis import strategies as st

EDGES = [UUID(int=number) for number in (0, 1, (1 << 127) - 1, 1 << 127, (1 << 128) - 1)]


@pytest.mark.parametrize(("rows", "count"), [(0, 1), (10, 1), (11, 2), (20, 2), (21, 4), (10**9, 256)])
def test_there_are_as_many_partitions_as_keep_each_small(rows: int, count: int):
    assert len(partitions(rows, 10)) == count


@given(st.sampled_from(EDGES) | st.uuids(), st.integers(0, 8))
def test_a_key_is_in_the_one_partition_that_its_top_bits_tell(key: UUID, bits: int):
    column = f"CAST('{key}' AS UUID)"
    held = ", ".join(Partition(number, bits).holds(column) for number in range(1 << bits))
    [(holds, told)] = duckdb.execute(f"SELECT [{held}], {partition_expression(column, bits)}").fetchall()
    assert [number for number, holding in enumerate(holds) if holding] == [told]
