"""Links between ids: an audience whose members are ids with further ids of the same user."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pyarrow as pa
import pytest
from audience_gateway.sdk import AttributeWriter, Codec, ConfigError
from pydantic import ValidationError

from plugins.audience_manager.tests.conftest import COOKIES, CRM, CUSTOMERS, OWN, VISITORS, change

PEOPLE = {"people": {"attributes": {"crm_id": CRM}}}
HASHES = {"hashes": {"attributes": {"email": OWN, "second_email": OWN}, "hashed_emails": True}}
DIGEST, OTHER = "0a" * 32, "0b" * 32


@pytest.fixture
def left(tmp_path):
    """What lies in the bucket of inbound files."""
    return lambda: {path.name: gzip.decompress(path.read_bytes()).decode() for path in (tmp_path / "in").glob("*")}


def links(*rows, audience="id-sync-people", names=("crm_id",), source=VISITORS):
    """Members with their further ids, to be written."""
    targets, *columns = zip(*rows, strict=True)
    attributes = pa.record_batch([pa.array(column, pa.string()) for column in columns], names=list(names))
    return replace(change(*targets, source=source, audience=audience), attributes=attributes)


async def test_they_are_audiences_that_want_the_further_ids_as_attributes(gold, connect):
    connector = connect(id_syncs=PEOPLE)
    assert isinstance(connector, AttributeWriter)
    assert await connector.wanted_attributes("id-sync-people") == ("crm_id",)
    assert await connector.wanted_attributes("gold") == ()
    listed = {audience.id: audience async for audience in connector.list_audiences()}
    assert list(listed) == ["gold", "id-sync-people"]
    assert listed["id-sync-people"] == await connector.get_audience("id-sync-people")
    assert (listed["id-sync-people"].writable, listed["id-sync-people"].readable) == (True, False)
    assert await connector.get_audience("id-sync-others") is None
    assert connector.arrival_stages("id-sync-people", VISITORS) == ()


async def test_a_link_is_a_line_of_the_ids_and_a_repeat_changes_nothing(gold, connect, left):
    connector, request = connect(id_syncs=PEOPLE), links(("1", "crm-1"), ("2", "crm-2"))
    assert await connector.write_members(request) == await connector.write_members(request)
    [(name, content)] = left().items()
    assert name.startswith(f"adobe_id_{COOKIES}_{CRM}_")
    assert content == "1\tcrm-1\n2\tcrm-2\n"


async def test_members_whose_ids_must_not_leave_or_are_missing_are_refused_by_their_positions(gold, connect, left):
    request = links(("1", "a@example.org"), ("2", "crm-2"), ("3", None), ("4", "+493012345678"))
    result = await connect(id_syncs=PEOPLE).write_members(request)
    assert result.accepted == 1
    assert [(each.index, each.code) for each in result.refused] == [
        (0, "ID_IS_EMAIL"),
        (2, "ID_EMPTY"),
        (3, "ID_IS_PHONE"),
    ]
    assert list(left().values()) == ["2\tcrm-2\n"]


async def test_of_attributes_no_codec_vouches_for_anything(gold, connect, left):
    encoded = replace(VISITORS, codec=Codec.SHA256)
    result = await connect(id_syncs=PEOPLE).write_members(links((DIGEST, "a@example.org"), source=encoded))
    assert ([each.code for each in result.refused], left()) == (["ID_IS_EMAIL"], {})


async def test_customers_get_hashed_addresses_up_to_ten_and_nothing_else(gold, connect, left):
    request = links(
        ("crm-1", DIGEST, OTHER),
        ("crm-2", DIGEST, None),
        ("crm-3", DIGEST.upper(), None),
        audience="id-sync-hashes",
        names=("email", "second_email"),
        source=CUSTOMERS,
    )
    result = await connect(id_syncs=HASHES).write_members(request)
    assert [(each.index, each.code) for each in result.refused] == [(2, "ID_NOT_HASHED")]
    [(name, content)] = left().items()
    assert name.startswith(f"c2c_id_{CRM}_{OWN}_")
    assert content == f"crm-1\t{DIGEST}\t{OTHER}\ncrm-2\t{DIGEST}\n"


async def test_a_link_cannot_be_taken_back(gold, connect, left):
    result = await connect(id_syncs=PEOPLE).remove_members(change("1", "2", audience="id-sync-people"))
    assert (result.accepted, [each.code for each in result.refused]) == (0, ["ID_SYNC_REMAINS"] * 2)
    assert left() == {}


@pytest.mark.parametrize(
    ("settings", "source", "place"),
    [
        ({"inbound": None}, VISITORS, "inbound.bucket"),
        ({}, replace(VISITORS, recipe="email"), "data_sources.visitor-id.codec"),
        ({}, replace(VISITORS, aam_data_source_id=0), "data_sources.visitor-id.aam_data_source_id"),
        ({"id_syncs": {"people": {"attributes": {"crm_id": 5}}}}, VISITORS, "id_syncs.people.attributes.crm_id"),
    ],
)
async def test_what_keeps_ids_from_being_linked_is_found_beforehand(gold, connect, settings, source, place):
    await connect(id_syncs=PEOPLE).check_destination("id-sync-people", VISITORS)
    with pytest.raises(ConfigError) as caught:
        await connect(**{"id_syncs": PEOPLE} | settings).check_destination("id-sync-people", source)
    assert caught.value.place.endswith(place)


@pytest.mark.parametrize(
    ("attributes", "finding"),
    [({"a": 1, "b": 2}, "of one data source"), ({f"a{number}": 1 for number in range(11)}, "10 hashed e-mail")],
)
def test_hashed_addresses_are_of_one_data_source_and_ten_at_most(connect, attributes, finding):
    with pytest.raises(ValidationError, match=finding):
        connect(id_syncs={"hashes": {"attributes": attributes, "hashed_emails": True}})
