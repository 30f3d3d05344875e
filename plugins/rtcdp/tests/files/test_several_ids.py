"""Rows of an export with ids of several data sources, each in a column of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audience_gateway.sdk import ConfigError, DataSource, ReadRequest
from audience_gateway_rtcdp.files.reading import check_members, read_members

GOLD = "12341e18-abcd-49c2-836d-123c88e76c39"
CRM = DataSource(name="crm", id_type="declared_id")
MAIL = DataSource(name="mail", id_type="declared_id")
VISITOR = DataSource(name="visitors", id_type="visitor_id")
COLUMNS = {"crm": "crmId", "mail": "personalEmail.address", "visitor_id": "ECID"}
HEADER = "crmId,personalEmail_address,segmentMembership_status"
TABLET = "1" * 38


@pytest.fixture
def drops(drops):
    drops.settings["id_columns"] = COLUMNS
    return drops


@pytest.fixture
def changes(drops):
    """Writes exports of changes, the first a day ago and each an hour later."""
    first = drops.now - timedelta(days=1)
    drops.settings["incremental"] = {GOLD: first.isoformat()}

    def drop(*exports):
        for hours, lines in enumerate(exports):
            drops.drop(drops.name(first + timedelta(hours=hours)), HEADER, *lines, hours=24 - hours)

    return drop


async def read(drops, *further, first=CRM, after=None):
    """Pages of rows, the further ids behind what tells the row."""
    request = ReadRequest(audience=GOLD, source=first, further=further, after=after)
    return [page async for page in read_members(drops.folder, request, drops.now)]


async def rows(drops, *further, first=CRM):
    """Of each row all ids, with a minus in front if it leaves, or its defect."""
    found = []
    for page in await read(drops, *further, first=first):
        ids = page.further_ids.to_pylist() if page.further_ids else [{}] * len(page.members)
        for row, others in zip(page.members.columns.to_pylist(), ids, strict=True):
            assert not row["defect"] or not any([row["id"], *others.values()])
            said = [row["defect"]] if row["defect"] else [row["id"], *others.values()]
            found.append((*(["-"] if row["leaves"] else []), *said))
    return found


async def test_each_row_has_an_id_of_each_data_source_in_the_order_that_is_asked_for(drops):
    drops.drop(drops.name(), "ECID,personalEmail_address,crmId", f"{TABLET},a@example.org,ada")
    assert await rows(drops, VISITOR, MAIL) == [("ada", TABLET, "a@example.org")]
    assert await rows(drops, CRM, first=MAIL) == [("a@example.org", "ada")]
    assert await rows(drops) == [("ada",)]


@pytest.mark.parametrize("nothing", ["", "null", '""'])
async def test_a_row_without_an_id_of_one_data_source_is_kept_with_those_of_others(drops, nothing):
    drops.drop(drops.name(), HEADER, f"{nothing},a@example.org,realized", f"bob,{nothing},realized")
    assert await rows(drops, MAIL) == [(None, "a@example.org"), ("bob", None)]


async def test_a_row_that_cannot_be_read_has_none(drops):
    drops.drop(drops.name(), HEADER, "ada,a@example.org,unheard of", "broken")
    assert await rows(drops, MAIL) == [("malformed_row",), ("malformed_row",)]


async def test_reading_a_full_export_goes_on_with_further_ids(drops):
    first = drops.drop(drops.name(), HEADER, "ada,a@example.org,realized")
    second = drops.drop(drops.name(part=2), HEADER, ",b@example.org,realized")
    drops.manifest(first, second)
    [page, rest] = await read(drops, MAIL)
    [again] = await read(drops, MAIL, after=page.resume_token)
    assert again.further_ids.to_pylist() == rest.further_ids.to_pylist() == [{"mail": "b@example.org"}]


async def test_of_changes_the_newest_row_of_a_person_counts_by_whichever_id_both_have(drops, changes):
    changes(
        [",a@example.org,realized", "bob,b@example.org,realized", "cid,,realized"],
        ["ada,a@example.org,exited", ",b@example.org,exited", "cid,c@example.org,exited"],
    )
    left = [("-", "ada", "a@example.org"), ("-", None, "b@example.org"), ("-", "cid", "c@example.org")]
    assert await rows(drops, MAIL) == [("superseded",)] * 3 + left


async def test_people_with_one_address_are_told_apart_by_the_id_that_comes_first(drops, changes):
    changes(["ada,us@example.org,realized"], ["bob,us@example.org,exited"])
    assert await rows(drops, MAIL) == [("ada", "us@example.org"), ("-", "bob", "us@example.org")]


async def test_a_person_with_another_address_than_before_is_the_same_by_the_first_id(drops, changes):
    changes(["ada,old@example.org,realized"], ["ada,new@example.org,realized"])
    assert await rows(drops, MAIL) == [("superseded",), ("ada", "new@example.org")]


async def test_reading_changes_goes_on_with_further_ids(drops, changes):
    lines = [f",{number}@example.org,realized" for number in range(110_000)]
    changes(lines, ["ada,7@example.org,exited"])
    [page, *rest] = await read(drops, MAIL)
    again = await read(drops, MAIL, after=page.resume_token)
    assert [each.further_ids for each in again] == [each.further_ids for each in rest]
    assert again[-1].further_ids.column("mail")[-1].as_py() == "7@example.org"


@pytest.mark.parametrize("others", ["bob,b@example.org", ",b@example.org", "bob,"])
async def test_people_who_share_a_device_are_held_back_by_any_of_their_ids(drops, others):
    header = "crmId,personalEmail_address,ECID"
    drops.drop(drops.name(), header, f"ada,a@example.org,{TABLET}", f"{others},{TABLET}", f",,{TABLET}")
    assert await rows(drops, MAIL) == [("ambiguous_id",), ("ambiguous_id",), (None, None)]


async def test_people_without_a_common_data_source_cannot_be_told_to_be_one(drops):
    header = "crmId,personalEmail_address,ECID"
    drops.drop(drops.name(), header, f"ada,,{TABLET}", f",a@example.org,{TABLET}")
    assert await rows(drops, MAIL) == [("ambiguous_id",)] * 2


async def test_one_person_by_one_of_the_ids_is_not_held_back(drops):
    header = "crmId,personalEmail_address,ECID"
    drops.drop(drops.name(), header, f"ada,a@example.org,{TABLET}", f",A@example.org,{TABLET}")
    assert await rows(drops, MAIL) == [("ada", "a@example.org"), (None, "A@example.org")]


@pytest.mark.parametrize("first", [CRM, VISITOR])
async def test_a_device_that_is_one_of_the_ids_tells_who_shares_it(drops, first):
    drops.drop(drops.name(), "crmId,ECID", f"ada,{TABLET}", f"bob,{TABLET}", f"cid,{'2' * 38}")
    *held, other = await rows(drops, VISITOR if first is CRM else CRM, first=first)
    assert held == [("ambiguous_id",)] * 2
    assert set(other) == {"cid", "2" * 38}


async def test_of_changes_people_who_share_a_device_are_held_back_by_any_of_their_ids(drops, changes):
    drops.settings["device_columns"] = ["segmentMembership_device"]
    first = drops.now - timedelta(days=1)
    changes([])
    header = f"{HEADER},segmentMembership_device"
    lines = [f"ada,,realized,{TABLET}", f",b@example.org,realized,{TABLET}", "cid,,realized,"]
    drops.drop(drops.name(first), header, *lines, hours=24)
    assert await rows(drops, MAIL) == [("ambiguous_id",), ("ambiguous_id",), ("cid", None)]


async def test_a_column_that_is_not_exported_is_told_of(drops):
    drops.drop(drops.name(), "crmId", "ada")
    with pytest.raises(ConfigError, match=r"no column `personalEmail.address`, found: `crmId`") as caught:
        await check_members(drops.folder, GOLD, [CRM, MAIL], drops.now)
    assert caught.value.place.endswith(f"{drops.name()}:1")
    assert "`files.id_columns.mail`" in caught.value.remedy
