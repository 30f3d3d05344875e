"""Recipients in lists and out of them: nested in a recipient, directly, one by one and by the thousand."""

from __future__ import annotations

import pytest


async def members(caller, list_id=12):
    where = f"[@rcpGroup-id] = {list_id}"
    found = await caller.select(
        "nms:rcpGrpRel", "[@recipient-id]", where=where, order="[@recipient-id]", attributes="lineCount='5000'"
    )
    return [int(row.get("recipient-id")) for row in found]


def collection(*rows, operation="insertOrUpdate", list_key="rcpGroup-id", key="@rcpGroup-id, @recipient-id"):
    written = "".join(
        f"<rcpGrpRel _operation='{operation}' _key='{key}' {list_key}='{group}' recipient-id='{recipient}'/>"
        for group, recipient in rows
    )
    return f"<rcpGrpRel-collection xtkschema='nms:rcpGrpRel'>{written}</rcpGrpRel-collection>"


def nested(email, list_name, operation="insertOrUpdate"):
    return (
        f"<recipient _key='@email' email='{email}'><rcpGrpRel _operation='{operation}' _key='[rcpGroup/@name]'>"
        f"<rcpGroup name='{list_name}'/></rcpGrpRel></recipient>"
    )


async def test_a_nested_membership_adds_the_recipient_and_leaves_other_lists_alone(caller):
    document = nested("li.wei@example.org", "LST1").replace("<recipient", "<recipient xtkschema='nms:recipient'")
    for _ in range(2):
        assert not (await caller.write(document)).fault
    assert (await members(caller, 12), await members(caller, 13)) == ([1000, 1001, 1002], [1001])


async def test_a_new_recipient_can_become_a_member_in_the_same_document(caller):
    answer = await caller.write_collection(f"<c xtkschema='nms:recipient'>{nested('new@example.org', 'LST1')}</c>")
    assert not answer.fault
    assert await members(caller) == [1000, 1002, 1004]


async def test_a_nested_list_that_is_not_there_is_made(caller):
    answer = await caller.write_collection(f"<c xtkschema='nms:recipient'>{nested('li.wei@example.org', 'LST9')}</c>")
    assert not answer.fault
    assert await members(caller, 14) == [1001]


async def test_a_nested_membership_is_deleted_alone(caller):
    answer = await caller.write_collection(
        f"<c xtkschema='nms:recipient'>{nested('ana.ruiz@example.org', 'LST1', 'delete')}</c>"
    )
    assert not answer.fault
    assert await members(caller) == [1002]
    assert await caller.ids("@id = 1000") == [1000]


@pytest.mark.parametrize("key", ["@rcpGroup-id, @recipient-id", "[@recipient-id],[@rcpGroup-id]", ""])
@pytest.mark.parametrize("list_key", ["rcpGroup-id", "group-id"])
async def test_a_membership_is_written_directly(caller, key, list_key):
    document = collection((12, 1001), (12, 1000), (13, 1003), key=key, list_key=list_key)
    for _ in range(2):
        assert not (await caller.write_collection(document)).fault
    assert (await members(caller, 12), await members(caller, 13)) == ([1000, 1001, 1002], [1001, 1003])


async def test_the_other_name_of_the_list_serves_as_a_key_too(caller):
    document = collection((12, 1001), list_key="group-id", key="[@recipient-id], [@group-id]")
    assert not (await caller.write_collection(document)).fault
    assert await members(caller) == [1000, 1001, 1002]


async def test_a_single_membership_is_a_document_of_its_own(caller):
    attributes = "xtkschema='nms:rcpGrpRel' _key='@rcpGroup-id, @recipient-id' rcpGroup-id='12' recipient-id='1003'"
    assert not (await caller.write(f"<rcpGrpRel {attributes}/>")).fault
    assert await members(caller) == [1000, 1002, 1003]
    assert not (await caller.write(f"<rcpGrpRel _operation='delete' {attributes}/>")).fault
    assert await members(caller) == [1000, 1002]


async def test_a_membership_may_name_list_and_recipient_by_their_links(caller):
    answer = await caller.write_collection(
        "<c xtkschema='nms:rcpGrpRel'><rcpGrpRel _key='[rcpGroup/@name],[recipient/@email]'>"
        "<rcpGroup _operation='none' name='LST2'/>"
        "<recipient _operation='none' _key='@email' email='ana.ruiz@example.org'/></rcpGrpRel></c>"
    )
    assert not answer.fault
    assert await members(caller, 13) == [1000, 1001]


async def test_deleted_memberships_may_be_there_or_not(caller):
    document = collection((12, 1000), (12, 1001), (99, 1), operation="delete")
    assert not (await caller.write_collection(document)).fault
    assert await members(caller) == [1002]


async def test_a_thousand_memberships_go_by_one_call_and_come_out_again(caller, campaign):
    with campaign.database:
        campaign.database.executemany(
            "INSERT INTO recipient (id) VALUES (?)", [(number,) for number in range(5000, 6000)]
        )
    rows = [(12, number) for number in range(5000, 6000)]
    assert not (await caller.write_collection(collection(*rows))).fault
    assert await members(caller) == [1000, 1002, *range(5000, 6000)]
    assert not (await caller.write_collection(collection(*rows, operation="delete"))).fault
    assert await members(caller) == [1000, 1002]


async def test_a_thousand_recipients_with_nested_memberships_go_by_one_call(caller):
    rows = "".join(nested(f"person.{number}@example.org", "LST2") for number in range(1000))
    assert not (await caller.write_collection(f"<c xtkschema='nms:recipient'>{rows}</c>")).fault
    assert len(await members(caller, 13)) == 1001


@pytest.mark.parametrize("pair", [(99, 1001), (12, 99)])
async def test_nothing_is_written_if_a_list_or_a_recipient_is_not_there(caller, pair):
    answer = await caller.write_collection(collection((12, 1001), pair))
    assert "XTK-170010" in answer.fault
    assert await members(caller) == [1000, 1002]


@pytest.mark.parametrize("operation", ["insertOrUpdate", "delete"])
async def test_nothing_is_written_if_a_recipient_is_refused(caller, campaign, operation):
    campaign.faults.refuse_recipients.add("1002")
    answer = await caller.write_collection(collection((12, 1000), (12, 1001), (12, 1002), operation=operation))
    assert "PGS-220000" in answer.fault
    assert await members(caller) == [1000, 1002]
    assert not (await caller.write_collection(collection((12, 1000), (12, 1001), operation=operation))).fault


async def test_a_refused_recipient_is_refused_in_nested_documents_too(caller, campaign):
    campaign.faults.refuse_recipients.add("1001")
    answer = await caller.write_collection(f"<c xtkschema='nms:recipient'>{nested('li.wei@example.org', 'LST1')}</c>")
    assert "PGS-220000" in answer.fault


async def test_an_empty_collection_changes_nothing(caller):
    assert not (await caller.write_collection("<c xtkschema='nms:rcpGrpRel'/>")).fault
    assert await members(caller) == [1000, 1002]
