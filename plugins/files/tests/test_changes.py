"""Files that say in each row whether its member joins or leaves."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import ConfigError, ReadRequest, Reason

CHANGES = b"id,city,what\n1,Rome,add\n2,Oslo, Remove\n,Rome,remove\n3,Rome,perhaps\n4,Rome,\nbroken\n"


async def read(connector, source, **asked):
    request = ReadRequest(audience="crm.csv", source=source, **asked)
    return [page async for page in connector.read_members(request)]


async def test_rows_join_or_leave_by_what_a_column_says(opened, bucket, source):
    await bucket.write("crm.csv", CHANGES)
    connector = await opened(change_column="what")
    rows = [row for page in await read(connector, source) for row in page.members.columns.to_pylist()]
    assert [(row["id"], row["leaves"], row["defect"]) for row in rows] == [
        ("1", False, None),
        ("2", True, None),
        (None, True, None),
        (None, False, Reason.MALFORMED_ROW),
        (None, False, Reason.MALFORMED_ROW),
        (None, False, Reason.MALFORMED_ROW),
    ]


async def test_such_files_are_changes_and_others_are_not(opened, source):
    assert await (await opened(change_column="what")).reads_changes("crm.csv", source)
    assert not await (await opened()).reads_changes("crm.csv", source)


async def test_they_have_attributes_as_any_others(opened, bucket, source):
    await bucket.write("crm.csv", CHANGES)
    (page,) = await read(await opened(change_column="what"), source, attributes=("city",))
    assert page.attributes.column("city").to_pylist()[:3] == ["Rome", "Oslo", "Rome"]


async def test_a_file_without_the_column_is_not_read(opened, bucket, source):
    await bucket.write("crm.csv", b"id\n1\n")
    with pytest.raises(ConfigError, match="no column `what`"):
        await read(await opened(change_column="what"), source)
