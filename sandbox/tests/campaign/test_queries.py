"""The four operations, the shape of their results, conditions over links, order and pages."""

from __future__ import annotations

import pytest
from lxml import etree

NOBODY = "@id = 1"


def names(document):
    return [etree.QName(row).localname for row in document]


def texts(document, attribute):
    return [row.get(attribute) for row in document]


async def one(caller, operation, where, select="<node expr='@id'/>"):
    return await caller.query(
        f"<queryDef operation='{operation}' schema='nms:recipient'><select>{select}</select>"
        f"<where><condition expr='{where}'/></where></queryDef>"
    )


async def test_a_select_answers_a_collection_of_rows(caller):
    found = await caller.select("nms:recipient", "@id", "@email", "[@folder-id]", where="@id <= 1001")
    assert etree.QName(found).localname == "recipient-collection"
    assert names(found) == ["recipient", "recipient"]
    assert dict(found[0].attrib) == {"id": "1000", "email": "ana.ruiz@example.org", "folder-id": "1"}


async def test_the_collection_is_there_even_if_it_is_empty(caller):
    found = await caller.select("nms:recipient", "@id", where=NOBODY)
    assert (etree.QName(found).localname, len(found)) == ("recipient-collection", 0)


async def test_a_get_answers_one_record_by_itself(caller):
    record = (await one(caller, "get", "@id = 1001")).document
    assert (etree.QName(record).localname, dict(record.attrib)) == ("recipient", {"id": "1001"})


async def test_a_get_without_a_record_is_a_fault(caller):
    fault = (await one(caller, "get", NOBODY)).fault
    assert fault.startswith("SOP-330011")
    assert "XSV-350008" not in fault


@pytest.mark.parametrize("operation", ["getIfExists", "getIfExist"])
async def test_a_get_if_exists_without_a_record_is_a_bare_root(caller, operation):
    answer = await one(caller, operation, NOBODY)
    assert "<recipient/>" in answer.text
    assert (await one(caller, operation, "@id = 1001")).document.get("id") == "1001"


async def test_a_count_needs_no_select(caller):
    answer = await caller.query(
        "<queryDef schema='nms:recipient' operation='count'><where><condition expr='@id &gt; 1000'/></where></queryDef>"
    )
    assert '<recipient count="3"/>' in answer.text


async def test_linked_attributes_stand_in_elements_of_the_link(caller):
    found = await caller.select("nms:rcpGrpRel", "[@recipient-id]", "[rcpGroup/@name]", "[recipient/folder/@label]",
                                where="[@rcpGroup-id] = 12", order="[@recipient-id]")  # fmt: skip
    assert dict(found[0].attrib) == {"recipient-id": "1000"}
    assert found[0].find("{*}rcpGroup").get("name") == "LST1"
    assert found[0].find("{*}recipient/{*}folder").get("label") == "Profiles"


async def test_an_alias_says_where_a_value_goes(caller):
    select = "<node expr='[folder/@label]' alias='@place'/><node expr='Lower(@email)' alias='@mail'/>"
    record = (await one(caller, "get", "@id = 1002", select)).document
    assert dict(record.attrib) == {"place": "Lists", "mail": "jean.noel@example.org"}


async def test_the_list_may_be_called_by_either_name(caller):
    found = await caller.select("nms:rcpGrpRel", "[@group-id]", where="[@group-id] = 13", order="[@recipient-id]")
    assert texts(found, "group-id") == ["13"]


async def test_texts_come_back_as_they_were_stored(caller):
    (row,) = await caller.select("nms:recipient", "@lastName", where="@id = 1002")
    assert row.get("lastName") == 'Noël & <fils> "O\'Neil"'


async def test_missing_texts_are_empty_and_missing_numbers_are_0(caller):
    (row,) = await caller.select(
        "nms:recipient", "@firstName", "@gender", "[@folder-id]", "@created", where="@id = 1003"
    )
    assert dict(row.attrib) == {"firstName": "", "gender": "0", "folder-id": "0", "created": ""}


async def test_several_conditions_must_all_hold(caller):
    assert await caller.ids("<condition expr='@id &gt; 1000'/><condition expr='@id &lt; 1003'/>") == [1001, 1002]


async def test_an_operator_joins_a_condition_to_the_next_one(caller):
    where = (
        "<condition bool-operator='AND'><condition expr='@id = 1000' bool-operator='OR'/><condition expr='@id = 1001'/>"
        "</condition><condition expr='@blackList = 0'/>"
    )
    assert await caller.ids(where) == [1000]


async def test_and_binds_tighter_than_or(caller):
    where = (
        "<condition expr='@id = 1000' boolOperator='OR'/><condition expr='@id = 1001'/><condition expr='@id = 1002'/>"
    )
    assert await caller.ids(where) == [1000]


async def test_members_of_a_list_are_found_over_an_unbound_link(caller):
    where = "<condition expr='rcpGrpRel' setOperator='{}'><condition expr=\"[rcpGroup/@name] = 'LST1'\"/></condition>"
    assert await caller.ids(where.format("EXISTS")) == [1000, 1002]
    assert await caller.ids(where.format("NOT EXISTS")) == [1001, 1003]


async def test_recipients_are_found_by_their_visitor_ids(caller):
    where = (
        "<condition expr='trackingLog' setOperator='EXISTS'><condition expr=\"@sourceId IN ('02','03')\"/></condition>"
    )
    assert await caller.ids(where) == [1000, 1001]


async def test_a_set_operator_may_look_at_another_query(caller):
    where = (
        "<condition expr='@id' setOperator='{}'><subQuery schema='nms:trackingLogRcp'>"
        "<select><node expr='[@recipient-id]'/></select>"
        "<where><condition expr=\"@sourceId = '02'\"/></where></subQuery></condition>"
    )
    assert await caller.ids(where.format("IN")) == [1000, 1001]
    assert await caller.ids(where.format("NOT IN")) == [1002, 1003]


async def test_links_join_the_record_that_they_lead_to_only_once(caller):
    found = await caller.select("nms:trackingLogRcp", "@id", "[recipient/@email]", "[recipient/@blackList]",
                                where="[recipient/@blackList] = 1")  # fmt: skip
    assert [row[0].get("email") for row in found] == ["li.wei@example.org"]


@pytest.mark.parametrize("grouped", ["", "<groupBy><node expr='[@rcpGroup-id]'/></groupBy>"])
async def test_rows_can_be_counted_by_group(caller, grouped):
    by = "" if grouped else "groupBy='true'"
    answer = await caller.query(
        f"<queryDef schema='nms:rcpGrpRel'><select><node expr='[@rcpGroup-id]' {by}/><node expr='count()' alias='@n'/>"
        f"</select>{grouped}<orderBy><node expr='[@rcpGroup-id]'/></orderBy></queryDef>"
    )
    assert [(row.get("rcpGroup-id"), row.get("n")) for row in answer.document] == [("12", "2"), ("13", "1")]


async def test_a_computed_value_without_an_alias_goes_by_its_function(caller):
    (row,) = await caller.select("nms:trackingLogRcp", "Count(@sourceId)", order="")
    assert dict(row.attrib) == {"count": "3"}


async def test_rows_are_ordered_also_by_what_a_link_leads_to(caller):
    answer = await caller.query(
        "<queryDef schema='nms:rcpGrpRel' operation='select'><select><node expr='[@recipient-id]'/></select>"
        "<orderBy><node expr='[rcpGroup/@name]' sortDesc='true'/><node expr='[recipient/@email]'/></orderBy></queryDef>"
    )
    assert texts(answer.document, "recipient-id") == ["1001", "1002", "1000"]


async def test_pages_count_rows_from_0_and_end_with_an_empty_one(caller):
    pages = [
        [
            row.get("id")
            for row in await caller.select("nms:recipient", "@id", attributes=f"startLine='{first}' lineCount='3'")
        ]
        for first in (0, 3, 6)
    ]
    assert pages == [["1000", "1001", "1002"], ["1003"], []]


async def test_pages_by_key_end_with_a_short_one(caller):
    last, seen = 0, []
    while page := await caller.ids(f"@id > {last} and @id <= 1002"):
        seen += page
        last = page[-1]
    assert seen == [1000, 1001, 1002]


async def test_a_select_without_a_limit_answers_200_rows_and_one_with_it_more(caller, campaign):
    with campaign.database:
        campaign.database.executemany("INSERT INTO recipient (id) VALUES (?)", [(number,) for number in range(1, 301)])
    assert len(await caller.select("nms:recipient", "@id")) == 200
    assert len(await caller.select("nms:recipient", "@id", attributes="lineCount='10000'")) == 304


@pytest.mark.parametrize(
    ("attributes", "inside", "code"),
    [
        ("schema='nms:nothing'", "<select><node expr='@id'/></select>", "XFR-180000"),
        ("schema='nms:recipient'", "<select><node expr='@loyalty'/></select>", "XTK-170036"),
        ("schema='nms:recipient'", "<select><node expr='folder'/></select>", "XTK-170006"),
        ("schema='nms:recipient'", "<select><node/></select>", "XTK-170006"),
        ("schema='nms:recipient' operation='drop'", "", "XTK-170006"),
        ("schema='nms:recipient' lineCount='many'", "", "XTK-170006"),
        ("schema='nms:recipient'", "<where><condition expr='nowhere' setOperator='EXISTS'/></where>", "XTK-170036"),
        ("schema='nms:recipient'", "<where><condition expr='@id' setOperator='IN'/></where>", "XTK-170006"),
        ("schema='nms:recipient'", "<where><condition expr='@id' setOperator='NEAR'/></where>", "XTK-170006"),
    ],
)
async def test_a_query_that_makes_no_sense_is_a_fault(caller, attributes, inside, code):
    answer = await caller.query(f"<queryDef {attributes}>{inside}</queryDef>")
    assert answer.status == 200
    assert code in answer.fault


async def test_a_call_without_a_query_document_is_a_fault(caller):
    assert "XTK-170012" in (await caller.query("")).fault


async def test_what_the_database_cannot_do_is_a_fault_too(caller):
    counted = "<where><condition expr='count(@id) = 1'/></where>"
    answer = await caller.query(f"<queryDef schema='nms:recipient' operation='count'>{counted}</queryDef>")
    assert (answer.status, "PGS-220000" in answer.fault) == (200, True)


async def test_groups_may_have_to_meet_a_condition(caller):
    answer = await caller.query(
        "<queryDef schema='nms:rcpGrpRel'><select><node expr='[@rcpGroup-id]' groupBy='true'/></select>"
        "<having><condition expr='count([@recipient-id]) &gt; 1'/></having></queryDef>"
    )
    assert not answer.fault, answer.fault
    assert [row.get("rcpGroup-id") for row in answer.document] == ["12"]
