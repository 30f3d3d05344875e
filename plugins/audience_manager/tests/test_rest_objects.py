"""Lists in both forms, objects with gaps, and what is looked up after calls that may lie."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import Permanent, Transient
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, Mapping, Segment, caller_of
from audience_gateway.sdk.audience_manager.rest.history_settings import HistorySettings


@pytest.fixture
def rest(stub, context):
    return AudienceManagerRest(caller_of(stub.url, context, "ims", 5), 2, HistorySettings())


@pytest.fixture
def five_traits(stub):
    for number in range(1, 6):
        stub.add("traits", number)
    return stub


@pytest.mark.parametrize(("paged", "calls"), [(True, 3), (False, 1)])
async def test_a_list_is_read_to_its_end_in_pages_or_as_a_bare_array(rest, five_traits, paged, calls):
    five_traits.paged = paged
    assert [trait.id async for trait in rest.traits.all()] == [1, 2, 3, 4, 5]
    assert len(five_traits.calls) == calls
    assert await rest.traits.count() == 5


async def test_a_long_answer_is_read_whole(stub, rest):
    stub.add("traits", 1, description="x" * 3_000_000)
    assert len((await rest.traits.find(1)).description) == 3_000_000


@pytest.mark.parametrize("answer", ['{"list":[]}', '{"total":"3","list":[]}', "[1]", '"x"', '{"total":1,"list":{}}'])
async def test_an_answer_that_is_no_list_is_refused(stub, rest, answer):
    stub.answers = [stub.says(answer)]
    with pytest.raises(Permanent, match="no list"):
        await anext(rest.traits.all())


async def test_a_list_that_shrinks_while_it_is_read_ends(stub, rest, five_traits):
    stub.answers = [stub.says('{"total":5,"list":[{"sid":1},{"sid":2}]}'), stub.says('{"total":5,"list":[]}')]
    assert [trait.id async for trait in rest.traits.all()] == [1, 2]


async def test_what_is_null_has_its_default_and_times_are_milliseconds(stub, rest):
    stub.add("traits", 1, description=None, dataSourceId=None, updateTime=1_338_937_116_000, uniques7Day=12)
    trait = await rest.traits.find(1)
    assert (trait.description, trait.data_source_id, trait.count("uniques7Day")) == ("", 0, 12)
    assert trait.update_time == datetime(2012, 6, 5, 22, 58, 36, tzinfo=UTC)


async def test_an_object_that_cannot_be_read_is_named_by_its_fields_only(stub, rest):
    stub.answers = [stub.says('{"sid":"secret-value"}')]
    with pytest.raises(Permanent, match="sid") as caught:
        await rest.traits.find(1)
    assert "secret-value" not in str(caught.value)


async def test_an_object_that_is_not_there_is_none(rest):
    assert await rest.segments.find(7) is None


async def test_a_change_keeps_the_other_values_and_names_the_version(stub, rest):
    stub.add("segments", 24, segmentRule="1T", unknownField=5)
    assert (await rest.segments.update(24, {"name": "Gold"})).name == "Gold"
    assert stub.objects["segments"][24] == stub.objects["segments"][24] | {"segmentRule": "1T", "unknownField": 5}
    assert stub.headers[-1]["If-Match"] == '"7"'


async def test_deleting_what_is_not_there_is_no_error(stub, rest):
    stub.add("traits", 1)
    await rest.traits.delete(1)
    await rest.traits.delete(1)
    assert stub.objects["traits"] == {}


async def test_several_are_deleted_although_the_call_says_that_it_failed(stub, rest, five_traits):
    async def deletes_and_fails(_):
        for number in (1, 2):
            del five_traits.objects["traits"][number]
        return await stub.says("{}", 500)(_)

    stub.answers = [deletes_and_fails]
    assert await rest.traits.delete_all([1, 2, 3]) == [3]
    assert ("POST", "/traits/bulk-delete") in stub.calls


async def test_a_failed_call_that_deleted_nothing_is_told(stub, rest, five_traits):
    stub.answers = [stub.says("", 500)]
    with pytest.raises(Transient):
        await rest.traits.delete_all([1, 2])


async def test_segments_are_mapped_one_by_one_and_at_once(stub, rest):
    mappings = rest.mappings(90)
    assert (await mappings.create(24, "2026-01-05")).id == 2000
    assert stub.bodies == [{"sid": 24, "traitType": "SEGMENT", "startDate": "2026-01-05", "traitAlias": "24"}]
    stub.map(90, 25)
    stub.answers = [stub.says("", 500)]
    assert await mappings.create_all([25, 26], "2026-01-05") == [26]


@pytest.mark.parametrize(
    ("values", "number", "active"),
    [
        ({"mappingId": 5, "elementStatus": "active"}, 5, True),
        ({"destinationMappingId": 6, "elementStatus": 1}, 6, True),
        ({"mappingId": 7, "elementStatus": "inactive"}, 7, False),
        ({"mappingId": 8, "elementStatus": 0}, 8, False),
    ],
)
def test_a_mapping_is_read_by_either_of_its_names(values, number, active):
    mapping = Mapping.model_validate({"sid": 24} | values)
    assert (mapping.id, mapping.is_active) == (number, active)


@pytest.mark.parametrize(
    ("rule", "traits"),
    [
        ("1024T", {1024}),
        ("1T AND (2T OR NOT 3T)", {1, 2, 3}),
        ("FREQUENCY([1T,2T]<=5D)>=2", {1, 2}),
        ("frequency([1t OR 2T]>=5D)==2", {1, 2}),
        ("", set()),
    ],
)
def test_a_rule_names_traits(rule, traits):
    assert Segment(id=1, segment_rule=rule).traits == traits


async def test_folders_are_a_tree(stub, rest):
    tree = '[{"folderId":0,"path":"/","subFolders":[{"folderId":3,"name":"Gold","parentFolderId":0,"path":"/Gold"}]}]'
    stub.answers = [stub.says(tree)]
    (root,) = [folder async for folder in rest.folders("traits").all()]
    assert [(folder.id, folder.path) for folder in root.sub_folders] == [(3, "/Gold")]


async def test_limits_are_what_audience_manager_says(stub, rest):
    stub.answers = [stub.says('{"anything":100000}')]
    assert await rest.traits.limits() == {"anything": 100_000}


async def test_what_became_of_files_is_counted_by_whatever_names(stub, rest):
    stub.inbound = [
        {
            "dataFileName": "client/2026-01-05/ftp_dpm_478_1767612000.sync.5.gz",
            "recordsReceived": 10,
            "storedRecords": 8,
            "invalidAAMId": 2,
            "dataSourceId": 478,
            "receivedTime": 1_767_612_000_000,
            "processedTime": 1_767_615_600_000,
        }
    ]
    (row,) = await rest.inbound_history(478)
    assert row.file_name == "ftp_dpm_478_1767612000.sync.5.gz"
    assert row.counts == {"records_received": 10, "stored_records": 8, "invalid_aam_id": 2}
    assert (row.ended, row.failed) == (datetime(2026, 1, 5, 12, 20, tzinfo=UTC), False)
