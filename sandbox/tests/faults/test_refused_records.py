"""Records that the server refuses with codes of their own."""

import pytest


async def write(guest, rows):
    bearer = {"Authorization": f"Bearer {await guest.token()}"}
    document = f"<x xtkschema='nms:rcpGrpRel'>{rows}</x>"
    return (await guest.soap("xtk:session", "WriteCollection", f"<sessiontoken/><doc>{document}</doc>", **bearer))[1]


def row(recipient):
    return f"<rcpGrpRel _key='@rcpGroup-id, @recipient-id' rcpGroup-id='7' recipient-id='{recipient}'/>"


@pytest.fixture
async def refusing(guest):
    """A guest of a sandbox with a list, that refuses two recipients."""
    database = guest.sandbox.instance.campaign.database
    with database:
        database.execute("INSERT INTO list_group (id, name) VALUES (7, 'gold')")
    refused = {"1004": "XTK-170036 Unable to parse.", "1005": "PGS-220000 Duplicate key."}
    await guest.post("/sandbox/faults", {"refuse_records": refused})
    return guest


async def members(guest):
    rows = guest.sandbox.instance.campaign.database.execute("SELECT recipient_id FROM membership ORDER BY 1").fetchall()
    return [member for (member,) in rows]


async def test_a_refused_record_keeps_out_its_whole_collection_and_names_its_code(refusing):
    assert "XTK-170036 Unable to parse." in await write(refusing, row(1003) + row(1004))
    assert "PGS-220000 Duplicate key." in await write(refusing, row(1005) + row(1003))
    assert await members(refusing) == []


async def test_others_are_written(refusing):
    assert "Fault" not in await write(refusing, row(1002) + row(1003))
    assert await members(refusing) == [1002, 1003]


async def test_a_recipient_itself_is_refused_by_its_email(refusing):
    await refusing.post("/sandbox/faults", {"refuse_records": {"new@example.org": "XTK-170036 No."}})
    bearer = {"Authorization": f"Bearer {await refusing.token()}"}
    document = "<recipient xtkschema='nms:recipient' _key='@email' email='new@example.org'/>"
    answer = await refusing.soap("xtk:session", "Write", f"<sessiontoken/><doc>{document}</doc>", **bearer)
    assert "XTK-170036 No." in answer[1]


async def test_nobody_is_refused_once_the_switch_is_empty(refusing):
    await refusing.post("/sandbox/faults", {"refuse_records": {}})
    await write(refusing, row(1004))
    assert await members(refusing) == [1004]
