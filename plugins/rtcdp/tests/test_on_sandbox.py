"""The connector against the sandbox's platform over real sockets."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import RateLimited


async def test_namespaces_of_the_sandbox_are_read(connect_sandbox):
    codes = {each["code"] for each in await connect_sandbox()._parts.platform.namespaces()}
    assert {"ECID", "Email"} <= codes


async def test_lists_of_the_sandbox_are_read_to_their_end(connect_sandbox):
    platform = connect_sandbox(page_size=1)._parts.platform
    assert [each["name"] async for each in platform.definitions()] == ["Gold members"]
    assert [each["name"] async for each in platform.audiences()] == ["Gold members"]
    assert [job async for job in platform.export_jobs()] == []


@pytest.mark.parametrize(("retry_after", "told"), [(38, 38), (-1, None)])
async def test_the_gateway_of_the_sandbox_says_how_long_to_wait_or_does_not(
    connect_sandbox, sandbox, retry_after, told
):
    rule = {"kind": "status", "path": "/data/core/ups/audiences", "status": 429, "retry_after": retry_after}
    sandbox.instance.set_faults({"calls": [rule]})
    with pytest.raises(RateLimited) as caught:
        [each async for each in connect_sandbox().list_audiences()]
    assert caught.value.retry_after == told
