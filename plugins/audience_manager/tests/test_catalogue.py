"""Segments and onboarded traits as audiences."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import Permanent

OWN = 478


async def listed(connector):
    return {audience.id: audience async for audience in connector.list_audiences()}


async def test_a_trait_and_a_segment_of_one_integration_code_are_one_audience(gold, connect):
    audience = (await listed(connect()))["gold"]
    assert (audience.readable, audience.writable, audience.title) == (True, True, "segments 24")
    assert await connect().get_audience("gold") == audience


async def test_others_go_by_their_numbers_which_are_two_spaces(gold, connect):
    gold.add("traits", 24, traitType="ON_BOARDED_TRAIT", dataSourceId=999, integrationCode="theirs")
    gold.add("segments", 25, dataSourceId=OWN)
    found = await listed(connect())
    assert list(found) == ["gold", "segment-25", "trait-24"]
    assert (found["segment-25"].readable, found["segment-25"].writable) == (True, False)
    assert (found["trait-24"].readable, found["trait-24"].writable) == (False, True)
    assert (await connect().get_audience("segment-25")).title == "segments 25"
    assert (await connect().get_audience("trait-24")).title == "traits 24"


async def test_traits_that_no_file_can_give_are_no_audiences(gold, connect):
    gold.add("traits", 5, traitType="RULE_BASED_TRAIT", dataSourceId=OWN)
    assert list(await listed(connect())) == ["gold"]
    assert await connect().get_audience("trait-5") is None


async def test_sizes_are_populations_and_say_which(gold, connect):
    gold.objects["segments"][24] |= {"totalUniques30Day": 1200, "instantUniques30Day": 300, "description": "Best"}
    audience = await connect().get_audience("gold")
    assert audience.size == 1200
    assert audience.description == (
        "Best Segment 24 of data source 478, 1,200 in all, 300 in real time."
        " Onboarded trait 1024 of data source 478, 7 with it."
    )


async def test_a_trait_alone_has_its_own_population(gold, connect):
    assert (await connect().get_audience("trait-1024")).size == 7


async def test_a_size_that_is_not_told_is_not_known(gold, connect):
    assert (await connect().get_audience("segment-24")).size is None


async def test_an_audience_changed_when_either_of_its_objects_did(gold, connect):
    gold.objects["traits"][1024]["updateTime"] = 1_767_225_600_000
    gold.objects["segments"][24]["updateTime"] = 1_767_225_600_000 - 1
    assert (await connect().get_audience("gold")).updated == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("code", ["with blank", "trait-7", "ä"])
async def test_a_code_that_cannot_be_a_name_is_none(gold, connect, code):
    gold.add("segments", 25, dataSourceId=OWN, integrationCode=code)
    assert list(await listed(connect())) == ["gold", "segment-25"]


async def test_a_code_that_several_have_names_none_of_them(gold, connect):
    gold.add("segments", 25, dataSourceId=OWN, integrationCode="gold")
    assert list(await listed(connect())) == ["segment-24", "segment-25", "trait-1024"]
    with pytest.raises(Permanent, match="24, 25"):
        await connect().get_audience("gold")


async def test_a_filter_that_is_not_known_there_lets_nothing_wrong_through(gold, connect):
    gold.filters = False
    gold.add("segments", 7, dataSourceId=999, integrationCode="gold")
    assert "Segment 24 " in (await connect().get_audience("gold")).description


async def test_only_chosen_data_sources_are_listed(gold, connect):
    gold.filters = False
    gold.add("segments", 25, dataSourceId=999)
    assert list(await listed(connect(listed_data_sources=[999]))) == ["segment-25"]


async def test_without_a_bucket_nothing_is_read_and_nothing_written(gold, connect):
    audience = await connect(inbound=None, outbound=None).get_audience("gold")
    assert (audience.readable, audience.writable) == (False, False)


@pytest.mark.parametrize("name", ["silver", "trait-7", "segment-7"])
async def test_what_is_not_there_is_none(gold, connect, name):
    assert await connect().get_audience(name) is None
