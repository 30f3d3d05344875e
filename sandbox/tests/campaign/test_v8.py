"""Campaign v8: no passwords, and keys that are UUIDs."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from audience_gateway_sandbox.campaign.instance import V8

GOLD = "<group xtkschema='nms:group' name='LST9'/>"


@pytest.fixture
def campaign(campaign):
    return replace(campaign, edition=V8)


@pytest.fixture
async def caller(anonymous):
    answer = await anonymous.call("xtk:session", "BearerTokenLogon", "eyJ.good.token")
    anonymous.session_token, _, anonymous.security_token = (result.text for result in answer.results)
    return anonymous


async def ids(caller, where="", schema="nms:recipient"):
    return [row.get("id") for row in await caller.select(schema, "@id", where=where)]


async def test_a_password_opens_nothing(anonymous):
    assert (await anonymous.log_on()).fault == "XSV-350012 Invalid login or password. Connection denied."


async def test_the_session_tells_the_version(anonymous):
    answer = await anonymous.call("xtk:session", "BearerTokenLogon", "eyJ.good.token")
    assert answer.results[1].find(".//{*}serverInfo").get("majNumber") == "8"


async def test_keys_are_uuids_in_the_order_of_the_records(caller):
    found = await ids(caller)
    assert len({UUID(each) for each in found}) == 4
    assert found == sorted(found)


async def test_pages_by_key_reach_every_record_once(caller):
    everybody = await ids(caller)
    seen = [""]
    while page := await page_after(caller, seen[-1]):
        seen += page
    assert seen[1:] == everybody


async def page_after(caller, key):
    rows = await caller.select("nms:recipient", "@id", where=f"@id > '{key}'", attributes="lineCount='3'")
    return [row.get("id") for row in rows]


async def test_records_are_found_by_their_keys_and_by_links(caller):
    first, second, *_ = await ids(caller)
    assert await ids(caller, f"@id IN ('{first}', '{second}')") == [first, second]
    (group,) = await ids(caller, "@name = 'LST2'", "nms:group")
    rows = await caller.select(
        "nms:rcpGrpRel", "[@recipient-id]", where=f"[@rcpGroup-id] = '{group}'", order="[@recipient-id]"
    )
    assert [row.get("recipient-id") for row in rows] == [second]


async def test_keys_of_other_instances_find_nothing(caller):
    assert await ids(caller, "@id = '0f6b7c1e-3a52-4d7f-9e0b-5c2d8a41e977'") == []
    assert await ids(caller, "@id = 1000") == []


async def test_a_link_to_nothing_is_the_empty_text(caller):
    (row,) = await caller.select("nms:recipient", "[@folder-id]", where="@email = ''")
    assert row.get("folder-id") == ""


async def test_memberships_are_written_by_uuids(caller):
    await caller.write(GOLD)
    (group,) = await ids(caller, "@name = 'LST9'", "nms:group")
    recipients = await ids(caller)
    rows = "".join(f"<rcpGrpRel rcpGroup-id='{group}' recipient-id='{each}'/>" for each in recipients)
    assert not (await caller.write_collection(f"<c xtkschema='nms:rcpGrpRel'>{rows}</c>")).fault
    members = await caller.select(
        "nms:rcpGrpRel", "[@recipient-id]", where=f"[@rcpGroup-id] = '{group}'", order="[@recipient-id]"
    )
    assert [row.get("recipient-id") for row in members] == recipients


async def test_a_key_that_is_no_uuid_is_a_fault(caller):
    answer = await caller.write("<recipient xtkschema='nms:recipient' id='1000' firstName='x'/>")
    assert "XTK-170007" in answer.fault


async def test_the_schema_says_that_keys_are_uuids(caller):
    answer = await caller.call("xtk:session", "GetEntityIfMoreRecent", "xtk:schema|nms:recipient", "", "true")
    assert answer.document.find(".//{*}attribute[@name='id']").get("type") == "uuid"
