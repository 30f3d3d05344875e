"""Audiences of every origin, however their words are written (rtcdp 1.2, 1.5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

UPS = "/data/core/ups"
RULED = {"id": "84cc-1", "name": "Gold", "type": "SegmentDefinition", "namespace": "AEPSegments",
         "originName": "REAL_TIME_CUSTOMER_PROFILE", "lifecycleState": "published", "labels": ["core/C4"],
         "updateTime": 1_642_745_034_000}  # fmt: skip


def external(**values):
    return {"id": "9-uuid", "audienceId": "silver", "name": "silver", "type": "ExternalSegment",
            "namespace": "CustomerAudienceUpload", "originName": "CUSTOM_UPLOAD"} | values  # fmt: skip


@pytest.fixture
def platform(stub):
    """Answers lists as told, by kind."""

    def answer(audiences=(), definitions=(), jobs=()):
        stub.on("GET", f"{UPS}/audiences", {"children": list(audiences), "_page": {}, "_links": {}})
        stub.on("GET", f"{UPS}/segment/definitions", {"segments": list(definitions), "page": {"totalPages": 1}})
        stub.on("GET", f"{UPS}/segment/jobs", {"children": list(jobs), "_page": {}, "_links": {"next": {}}})

    answer()
    return answer


async def listed(connector):
    return [audience async for audience in connector.list_audiences()]


async def test_audiences_and_definitions_are_listed_once_each(platform, connect):
    platform([RULED, external()], [RULED, {"id": "other", "name": "By rule", "expression": {}}])
    assert [each.id for each in await listed(connect())] == ["84cc-1", "other", "silver"]


async def test_what_an_audience_is_stands_in_its_description(platform, connect):
    platform([RULED])
    [gold] = await listed(connect())
    assert gold.description == "SegmentDefinition; namespace AEPSegments; published; labels core/C4."
    assert (gold.origin, gold.active) == ("REAL_TIME_CUSTOMER_PROFILE", True)
    assert gold.updated == datetime(2022, 1, 21, 6, 3, 54, tzinfo=UTC)


async def test_microseconds_are_told_from_milliseconds(platform, connect):
    platform([RULED | {"updateTime": 1_642_745_034_000_000}])
    assert (await listed(connect()))[0].updated == datetime(2022, 1, 21, 6, 3, 54, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["ExternalSegment", "ExternalAudience", "EXTERNALAUDIENCE"])
async def test_an_external_audience_is_one_by_either_name_and_any_letter_case(platform, connect, kind, tmp_path):
    platform([external(type=kind)])
    bucket = {"bucket": tmp_path.as_uri(), "cloud_type": "DLZ"}
    [silver] = await listed(connect(external=bucket))
    assert (silver.id, silver.writable) == ("silver", True)


@pytest.mark.parametrize(
    ("state", "readable"),
    [("published", True), ("ACTIVE", True), (None, True), ("draft", False), ("inactive", False), ("brewing", False)],
)
async def test_an_audience_is_read_while_the_platform_keeps_it_up_to_date(platform, connect, state, readable):
    platform([RULED | {"lifecycleState": state}])
    files = {"bucket": "file:///drops", "id_columns": {"email": "Email"}}
    assert (await listed(connect(files=files)))[0].readable is readable
    assert not (await listed(connect()))[0].readable  # there is no way to read without files


@pytest.mark.parametrize("gone", [{"lifecycleState": "archived"}, {"lifecycleStatus": "Deleted"}, {"isSystem": True}])
async def test_deleted_audiences_and_the_platforms_own_are_not_listed(platform, connect, gone):
    platform([{name: value for name, value in RULED.items() if name != "lifecycleState"} | gone])
    assert await listed(connect()) == []


async def test_an_id_that_names_of_the_api_cannot_hold_is_found_by_its_code(stub, platform, connect):
    odd = "QU9f+w==_6ed34f6f-89"
    platform([RULED | {"id": odd}])
    [audience] = await listed(connect())
    assert re.fullmatch("x~[A-Za-z0-9_-]+", audience.id)
    stub.on("GET", f"{UPS}/audiences/{odd}", RULED | {"id": odd})
    assert (await connect().get_audience(audience.id)).title == "Gold"


async def test_sizes_are_those_of_the_newest_evaluation_without_who_has_left(platform, connect):
    counted = {"segmentedProfileByStatusCounter": {"84cc-1": {"realized": 7, "existing": 2, "exited": 5}}}
    older = {"segmentedProfileCounter": {"84cc-1": 3, "84cc-2": 4}}
    jobs = [{"status": "SUCCEEDED", "metrics": counted}, {"status": "SUCCEEDED", "metrics": older}]
    platform([RULED, RULED | {"id": "84cc-2"}, RULED | {"id": "84cc-3"}], jobs=jobs)
    assert [each.size for each in await listed(connect())] == [9, 4, None]


async def test_one_chosen_id_in_two_namespaces_is_two_audiences(platform, connect):
    """Ids that makers choose are unique in a namespace only."""
    platform([external(), external(id="11-uuid", namespace="AO", originName="AUDIENCE_ORCHESTRATION")])
    assert [(each.id, each.origin) for each in await listed(connect())] == [
        ("11-uuid", "AUDIENCE_ORCHESTRATION"),
        ("silver", "CUSTOM_UPLOAD"),
    ]


async def test_of_several_generations_the_newest_one_is_the_audience(platform, connect):
    platform([external(), external(id="10-uuid", audienceId="silver$2", name="silver (2)")])
    [silver] = await listed(connect())
    assert (silver.id, silver.title) == ("silver", "silver (2)")
