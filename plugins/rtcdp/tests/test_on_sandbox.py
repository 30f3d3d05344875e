"""The connector against the sandbox's platform over real sockets."""

from __future__ import annotations


async def test_namespaces_of_the_sandbox_are_read(connect_sandbox):
    codes = {each["code"] for each in await connect_sandbox()._parts.platform.namespaces()}
    assert {"ECID", "Email"} <= codes


async def test_lists_of_the_sandbox_are_read_to_their_end(connect_sandbox):
    platform = connect_sandbox(page_size=1)._parts.platform
    assert [each["name"] async for each in platform.definitions()] == ["Gold members"]
    assert [each["name"] async for each in platform.audiences()] == ["Gold members"]
    assert [job async for job in platform.export_jobs()] == []
