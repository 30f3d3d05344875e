"""Four envelopes of lists, and a fifth of the flow service; each has a way to the next page of its own (rtcdp 1.3)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Permanent

UPS = "/data/core/ups"


@pytest.fixture
def platform(connect):
    return connect()._parts.platform


async def ids(listed):
    return [item["id"] async for item in listed]


async def test_audiences_go_on_at_the_start_that_the_page_names(stub, platform):
    stub.then({"children": [{"id": "a"}, {"id": "b"}], "_page": {"next": 2}, "_links": {}})
    stub.then({"children": [{"id": "c"}], "_page": {}, "_links": {}})
    assert await ids(platform.audiences()) == ["a", "b", "c"]
    assert stub.queries == [[("limit", "2")], [("limit", "2"), ("start", "2")]]


async def test_audiences_end_where_the_next_start_is_zero(stub, platform):
    stub.then({"children": [{"id": "a"}], "_page": {"next": 0}})
    assert await ids(platform.audiences()) == ["a"]


async def test_definitions_are_asked_for_by_number_of_page(stub, platform):
    stub.then({"segments": [{"id": "a"}, {"id": "b"}], "page": {"totalPages": 2}, "link": {}})
    stub.then({"segments": [{"id": "c"}], "page": {"totalPages": 2}, "link": {}})
    assert await ids(platform.definitions([("sort", "id:asc")])) == ["a", "b", "c"]
    assert stub.queries[1] == [("sort", "id:asc"), ("limit", "2"), ("page", "1")]


async def test_segment_jobs_end_at_an_empty_next(stub, platform):
    stub.then({"children": [{"id": "a"}], "_page": {}, "_links": {"next": {"href": "@/jobs?start=7&limit=2"}}})
    stub.then({"children": [{"id": "b"}], "_page": {}, "_links": {"next": {}}})
    assert await ids(platform.segment_jobs()) == ["a", "b"]
    assert stub.queries[1] == [("limit", "2"), ("start", "7")]


async def test_export_jobs_end_at_an_empty_address(stub, platform):
    stub.then({"records": [{"id": 1}], "page": {}, "link": {"next": "/export/jobs?limit=2&offset=1540974701302_96"}})
    stub.then({"records": [{"id": 2}], "page": {}, "link": {"next": ""}})
    assert await ids(platform.export_jobs()) == [1, 2]
    assert stub.queries[1] == [("limit", "2"), ("offset", "1540974701302_96")]


async def test_a_page_that_names_itself_as_the_next_one_is_no_endless_list(stub, platform):
    stub.on("GET", f"{UPS}/audiences", {"children": [{"id": "a"}], "_page": {"next": 1}})
    with pytest.raises(Permanent, match="has no end"):
        await ids(platform.audiences())
    assert len(stub.calls) == 2


@pytest.mark.parametrize("answer", [[], {"segments": []}, {"children": "none"}, {"children": ["a"]}])
async def test_an_answer_of_another_form_is_told(stub, platform, answer):
    stub.then(answer)
    with pytest.raises(Permanent, match="no list of `/data/core/ups/audiences`"):
        await ids(platform.audiences())
