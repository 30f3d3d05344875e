"""Columns of a file as attributes of its members."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.sdk import Capability, ConfigError, ReadRequest, capabilities
from audience_gateway_files import FilesConnector


async def rows(connector, source, name, *attributes):
    request = ReadRequest(audience=name, source=source, attributes=attributes)
    return [row async for page in connector.read_members(request) for row in page.attributes.to_pylist()]


def test_it_reads_attributes():
    assert Capability.READ_ATTRIBUTES in capabilities(FilesConnector)


async def test_columns_are_read_in_the_order_that_is_asked_for(opened, bucket, source):
    await bucket.write("crm.csv", b'tier,id,city\ngold,1,"Rome, IT"\n,2,\nbroken\n')
    assert await rows(await opened(), source, "crm.csv", "city", "tier") == [
        {"city": "Rome, IT", "tier": "gold"},
        {"city": None, "tier": None},
        {"city": None, "tier": None},
    ]


async def test_columns_of_parquet_are_read_as_text(opened, bucket, source):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["1", "2"], "visits": [7, None]}), sink)
    await bucket.write("crm.parquet", sink.getvalue().to_pybytes())
    assert await rows(await opened(), source, "crm.parquet", "visits") == [{"visits": "7"}, {"visits": None}]


async def test_nothing_is_read_that_is_not_asked_for(opened, bucket, source):
    await bucket.write("crm.csv", b"id,city\n1,Rome\n")
    request = ReadRequest(audience="crm.csv", source=source)
    assert [page.attributes async for page in (await opened()).read_members(request)] == [None]


async def test_a_column_that_is_not_there_is_told_of(opened, bucket, source):
    await bucket.write("crm.csv", b"id,city\n1,Rome\n")
    connector = await opened()
    await connector.check_attributes("crm.csv", ["city"])
    with pytest.raises(ConfigError, match="no column `tier`, found: `id`, `city`"):
        await connector.check_attributes("crm.csv", ["tier"])
