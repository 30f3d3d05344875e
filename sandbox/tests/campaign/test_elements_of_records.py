"""Attributes that belong to an element of a record: the location of a recipient."""

from __future__ import annotations

PARIS = "<location city='Paris' zipCode='75001' countryCode='FR'/>"


async def test_they_are_written_and_read_like_others(caller):
    answer = await caller.write(f"<recipient xtkschema='nms:recipient' id='1000'>{PARIS}</recipient>")
    assert not answer.fault
    (row,) = await caller.select("nms:recipient", "@id", "[location/@city]", where="[location/@zipCode] = '75001'")
    assert (row.get("id"), row.find("{*}location").get("city")) == ("1000", "Paris")


async def test_they_are_reached_over_links(caller):
    await caller.write(f"<recipient xtkschema='nms:recipient' id='1000'>{PARIS}</recipient>")
    rows = await caller.select(
        "nms:rcpGrpRel", "[@recipient-id]", where="[recipient/location/@city] = 'Paris'", order="[@recipient-id]"
    )
    assert [row.get("recipient-id") for row in rows] == ["1000"]


async def test_the_schema_has_the_element(caller):
    answer = await caller.call("xtk:session", "GetEntityIfMoreRecent", "xtk:schema|nms:recipient", "", "true")
    location = answer.document.find("{*}element/{*}element[@name='location']")
    assert [each.get("name") for each in location] == ["city", "zipCode", "stateCode", "countryCode"]


async def test_one_that_is_not_there_is_a_fault(caller):
    query = "<queryDef schema='nms:recipient'><select><node expr='[location/@moon]'/></select></queryDef>"
    assert "XTK-170036" in (await caller.query(query)).fault
