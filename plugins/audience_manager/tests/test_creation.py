"""An audience is created as an onboarded trait and a segment of those who have it, once."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import ConfigError, Permanent, Transient
from audience_gateway.sdk.audience_manager.rest import Conflict

OWN = 478


async def test_a_trait_and_its_segment_are_created_under_one_code(stub, connect):
    onboarding = {"data_source_id": OWN, "trait_folder_id": 3, "segment_folder_id": 4, "merge_rule_data_source_id": 77}
    created = await connect(onboarding=onboarding).create_audience("gold", "Gold customers")
    assert (created.id, created.title, created.readable, created.writable) == ("gold", "Gold customers", True, True)
    trait, segment = stub.bodies
    assert trait == {
        "name": "Gold customers",
        "traitType": "ON_BOARDED_TRAIT",
        "dataSourceId": OWN,
        "folderId": 3,
        "integrationCode": "gold",
        "ttl": 120,
    }
    assert segment == {
        "name": "Gold customers",
        "segmentRule": "101T",
        "dataSourceId": OWN,
        "folderId": 4,
        "integrationCode": "gold",
        "mergeRuleDataSourceId": 77,
    }


async def test_creating_again_changes_nothing(stub, connect):
    first = await connect().create_audience("gold", "Gold")
    assert await connect().create_audience("gold", "Another title") == first
    assert len(stub.bodies) == 2


async def test_what_was_begun_is_ended(stub, connect):
    stub.add("traits", 7, traitType="ON_BOARDED_TRAIT", dataSourceId=OWN, integrationCode="gold")
    await connect().create_audience("gold", "Gold")
    assert [body["segmentRule"] for body in stub.bodies] == ["7T"]


async def test_a_lost_answer_is_found_again_by_the_code(stub, connect):
    async def created_and_cut(request):
        stub.add("traits", 7, **stub.bodies[-1])
        return await stub.cut(request)

    empty = stub.says('{"total":0,"list":[]}')
    stub.answers = [empty, empty, created_and_cut]
    with pytest.raises(Transient):
        await connect().create_audience("gold", "Gold")
    await connect().create_audience("gold", "Gold")
    assert list(stub.objects["traits"]) == [7]


async def test_somebody_who_was_faster_is_no_error(stub, connect):
    async def conflict(request):
        stub.add("traits", 7, traitType="ON_BOARDED_TRAIT", dataSourceId=OWN, integrationCode="gold")
        return await stub.says("{}", 409)(request)

    empty = stub.says('{"total":0,"list":[]}')
    stub.answers = [empty, empty, conflict]
    assert "Onboarded trait 7 " in (await connect().create_audience("gold", "Gold")).description


async def test_a_conflict_of_another_kind_is_told(stub, connect):
    empty = stub.says('{"total":0,"list":[]}')
    stub.answers = [empty, empty, stub.says("{}", 409)]
    with pytest.raises(Conflict):
        await connect().create_audience("gold", "Gold")


async def test_a_full_organisation_is_told_before_anything_is_created(stub, connect):
    stub.add("traits", 1)
    with pytest.raises(Permanent, match="1 traits"):
        await connect(limits={"traits": 1}).create_audience("gold", "Gold")
    assert stub.bodies == []


async def test_without_a_data_source_nothing_is_created(stub, connect):
    with pytest.raises(ConfigError) as caught:
        await connect(onboarding=None).create_audience("gold", "Gold")
    assert caught.value.place == "connections.aam.settings.onboarding.data_source_id"


@pytest.mark.parametrize(("code", "title"), [("trait-7", "Gold"), ("segment-7", "Gold"), ("gold", "x" * 256)])
async def test_names_that_cannot_be_are_refused(stub, connect, code, title):
    with pytest.raises(Permanent, match="cannot be"):
        await connect().create_audience(code, title)
    assert stub.calls == []


async def test_a_new_segment_is_mapped_once_to_a_destination(stub, connect):
    stub.add("destinations", 90)
    connector = connect(onboarding={"data_source_id": OWN, "destination_id": 90})
    for _ in range(2):
        await connector.create_audience("gold", "Gold")
    assert [(each["sid"], each["startDate"]) for each in stub.mappings[90]] == [(101, "2026-01-05")]


async def test_a_segment_is_not_mapped_where_a_control_forbids_it(stub, connect):
    stub.add("datasources", OWN, dataExportRestrictions=["PII"])
    stub.add("destinations", 90, dataExportLabels=["PII"])
    connector = connect(onboarding={"data_source_id": OWN, "destination_id": 90})
    with pytest.raises(ConfigError, match="PII"):
        await connector.create_audience("gold", "Gold")
    assert stub.mappings[90] == []
