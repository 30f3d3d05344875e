"""Columns of a file as ids of several data sources, and columns of a crosswalk that they are reconciled with."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Capability, ConfigError, DataSource, IndexRequest, ReadRequest, capabilities
from audience_gateway_files import FilesConnector

EMAIL = DataSource(name="email", id_type="declared_id")
VISITOR = DataSource(name="visitors", id_type="visitor_id")
COLUMNS = {"email": "mail", "visitor_id": "ecid"}


async def read(connector, name, source, *further):
    request = ReadRequest(audience=name, source=source, further=further)
    pages = [page async for page in connector.read_members(request)]
    ids = [id_ for page in pages for id_ in page.members.columns.column("id").to_pylist()]
    return ids, [row for page in pages for row in (page.further_ids.to_pylist() if page.further_ids else ())]


def test_it_reads_several_ids():
    assert Capability.READ_SEVERAL_IDS in capabilities(FilesConnector)


async def test_ids_are_read_by_the_columns_of_their_data_sources_in_the_order_that_is_asked_for(opened, bucket):
    await bucket.write("a.csv", b"id,ecid,mail\n1,38,a@x\n2,,b@x\nbroken\n")
    connector = await opened(id_columns=COLUMNS)
    ids, further = await read(connector, "a.csv", EMAIL, VISITOR)
    assert (ids, further) == (["a@x", "b@x", None], [{"visitors": "38"}, {"visitors": None}, {"visitors": None}])
    assert await read(connector, "a.csv", VISITOR) == (["38", None, None], [])


async def test_a_data_source_without_a_column_of_its_own_has_the_usual_one(opened, bucket, source):
    await bucket.write("a.csv", b"id,mail\n1,a@x\n")
    assert await read(await opened(id_columns={"other": "mail"}), "a.csv", source) == (["1"], [])


async def test_two_data_sources_of_one_column_are_refused(opened, bucket):
    await bucket.write("a.csv", b"id,mail\n1,a@x\n")
    with pytest.raises(ConfigError, match="same column") as error:
        await (await opened()).check_several_ids("a.csv", [EMAIL, VISITOR])
    assert error.value.place == "connections.files.settings.id_columns"


async def test_a_column_that_is_not_there_is_told_of(opened, bucket):
    await bucket.write("a.csv", b"id,mail\n1,a@x\n")
    connector = await opened(id_columns=COLUMNS)
    with pytest.raises(ConfigError, match="no column `ecid`"):
        await connector.check_several_ids("a.csv", [EMAIL, VISITOR])


async def test_a_crosswalk_has_a_column_for_each_data_source(opened, bucket):
    await bucket.write("records.csv", b"ecid,mail,target\n38,a@x,r1\n,b@x,r2\n")
    connector = await opened(index={"file": "records.csv", "id_columns": COLUMNS})
    found = {
        source.name: [
            (row["id"], row["target"])
            async for page in connector.read_index(IndexRequest(source=source))
            for row in page.entries.columns.to_pylist()
        ]
        for source in (EMAIL, VISITOR)
    }
    assert found == {"email": [("a@x", "r1"), ("b@x", "r2")], "visitors": [("38", "r1"), (None, "r2")]}
