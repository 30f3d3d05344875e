"""What a written document does to the tables."""

from __future__ import annotations

import pytest


async def records(caller, schema, *expressions, where=""):
    found = await caller.select(schema, *expressions, where=where)
    return [tuple(row.get(each.strip("[]@")) for each in expressions) for row in found]


async def recipients(caller, where=""):
    return await records(caller, "nms:recipient", "@id", "@email", "@firstName", where=where)


async def accepted(answer):
    assert not answer.fault, answer.fault
    assert answer.results == []


async def test_a_new_record_gets_an_id_stamps_and_a_folder(caller):
    await accepted(await caller.write("<group xtkschema='nms:group' name='LST9' label='Ninth'/>"))
    (row,) = await caller.select(
        "nms:group", "@id", "@label", "@type", "[@folder-id]", "@created", "@lastModified", where="@name = 'LST9'"
    )
    assert int(row.get("id")) > 13
    assert (row.get("label"), row.get("type"), row.get("folder-id")) == ("Ninth", "0", "2")
    assert row.get("created") == row.get("lastModified") == "2026-01-02 03:04:05.678Z"


async def test_writing_twice_by_key_makes_one_record_and_keeps_its_id(caller, clock):
    await accepted(await caller.write("<group xtkschema='nms:group' _key='@name' name='LST1' label='Changed'/>"))
    clock.advance(hours=1)
    await accepted(await caller.write("<group xtkschema='nms:group' _key='@name' name='LST1' label='Again'/>"))
    (row,) = await caller.select("nms:group", "@id", "@label", "@lastModified", where="@name = 'LST1'")
    assert dict(row.attrib) == {"id": "12", "label": "Again", "lastModified": "2026-01-02 04:04:05.678Z"}


async def test_without_a_key_the_schema_tells_what_identifies_a_record(caller):
    await accepted(await caller.write("<recipient xtkschema='nms:recipient' id='1000' firstName='Anna'/>"))
    await accepted(await caller.write("<group xtkschema='nms:group' name='LST1' label='By name'/>"))
    assert await recipients(caller, "@id = 1000") == [("1000", "ana.ruiz@example.org", "Anna")]
    assert await records(caller, "nms:group", "@id", "@label", where="@name = 'LST1'") == [("12", "By name")]


async def test_a_collection_may_have_any_root(caller):
    for root in ("recipient-collection", "recipient", "whatever"):
        await accepted(
            await caller.write_collection(
                f"<{root} xtkschema='nms:recipient'>"
                f"<recipient _key='@email' email='li.wei@example.org' firstName='{root}'/>"
                f"<recipient _key='@email' email='new@example.org' firstName='{root}'/></{root}>"
            )
        )
        assert await recipients(caller, "@firstName = '" + root + "'") == [
            ("1001", "li.wei@example.org", root),
            ("1004", "new@example.org", root),
        ]


async def test_an_insert_heeds_no_key(caller):
    await accepted(
        await caller.write(
            "<recipient xtkschema='nms:recipient' _operation='insert' _key='@email' email='li.wei@example.org'/>"
        )
    )
    assert [row[0] for row in await recipients(caller, "@email = 'li.wei@example.org'")] == ["1001", "1004"]


async def test_an_update_of_what_is_not_there_changes_nothing(caller):
    document = "<recipient xtkschema='nms:recipient' _operation='update' _key='@email' email='{}' firstName='X'/>"
    await accepted(await caller.write(document.format("nobody@example.org")))
    assert await recipients(caller, "@firstName = 'X'") == []
    await accepted(await caller.write(document.format("li.wei@example.org")))
    assert [row[0] for row in await recipients(caller, "@firstName = 'X'")] == ["1001"]


async def test_keys_may_be_listed_with_blanks_and_brackets(caller):
    await accepted(
        await caller.write(
            "<recipient xtkschema='nms:recipient' _key='@email , [@folder-id]' email='ana.ruiz@example.org'"
            " folder-id='1' fax='7'/>"
        )
    )
    assert await records(caller, "nms:recipient", "@id", "@fax", where="@fax != ''") == [("1000", "7")]


async def test_a_link_may_name_the_record_it_leads_to(caller):
    await accepted(
        await caller.write(
            "<recipient xtkschema='nms:recipient' id='1000'>"
            "<folder _operation='none' _key='@name' name='nmsGroup'/></recipient>"
        )
    )
    assert await caller.ids("[folder/@label] = 'Lists'") == [1000, 1001, 1002]


async def test_a_link_to_what_is_not_there_is_a_fault(caller):
    answer = await caller.write(
        "<recipient xtkschema='nms:recipient' id='1000'><folder _operation='none' name='nowhere'/></recipient>"
    )
    assert "XTK-170010" in answer.fault


async def test_texts_flags_and_dates_are_stored_as_they_are_meant(caller):
    await accepted(
        await caller.write(
            "<recipient xtkschema='nms:recipient' id='1003' lastName='Ñ &amp; &lt;ok&gt;' blackList='true' gender=''"
            " birthDate='1956/05/04' created='2020-07-05T14:11:31.986Z' cryptedId='not kept'/>"
        )
    )
    (row,) = await caller.select(
        "nms:recipient", "@lastName", "@blackList", "@birthDate", "@created", where="@id = 1003"
    )
    assert dict(row.attrib) == {
        "lastName": "Ñ & <ok>",
        "blackList": "1",
        "birthDate": "1956-05-04",
        "created": "2020-07-05 14:11:31.986Z",
    }


async def test_deleting_a_recipient_removes_its_memberships(caller):
    await accepted(await caller.write("<recipient xtkschema='nms:recipient' _operation='delete' id='1000'/>"))
    assert await caller.ids("") == [1001, 1002, 1003]
    members = await caller.select("nms:rcpGrpRel", "[@recipient-id]", order="[@recipient-id]")
    assert [row.get("recipient-id") for row in members] == ["1001", "1002"]


async def test_deleting_a_list_removes_its_memberships_only(caller):
    await accepted(await caller.write("<group xtkschema='nms:group' _operation='delete' _key='@name' name='LST1'/>"))
    assert await caller.ids("", "nms:group") == [13]
    members = await caller.select("nms:rcpGrpRel", "[@recipient-id]", order="[@recipient-id]")
    assert [row.get("recipient-id") for row in members] == ["1001"]
    assert await caller.ids("") == [1000, 1001, 1002, 1003]


async def test_deleting_what_is_not_there_is_no_error(caller):
    await accepted(await caller.write("<group xtkschema='nms:group' _operation='delete' _key='@name' name='LST9'/>"))


async def test_a_collection_is_written_whole_or_not_at_all(caller):
    answer = await caller.write_collection(
        "<c xtkschema='nms:recipient'><recipient _key='@email' email='new@example.org'/>"
        "<recipient _key='@email' email='li.wei@example.org' gender='unknown'/></c>"
    )
    assert "XTK-170007" in answer.fault
    assert await recipients(caller, "@email = 'new@example.org'") == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<x xtkschema='nms:nothing' id='1'/>", "XFR-180000"),
        ("<recipient id='1'/>", "XTK-170011"),
        ("<recipient xtkschema='nms:recipient' email='a@example.org' _key='@loyalty'/>", "XTK-170036"),
        ("<recipient xtkschema='nms:recipient' email='a@example.org' _key='@phone'/>", "XTK-170009"),
        ("<recipient xtkschema='nms:recipient' email='a@example.org' _key='a b'/>", "XTK-170006"),
        ("<recipient xtkschema='nms:recipient' email='a@example.org' _key='[trackingLog/@sourceId]'/>", "XTK-170036"),
        ("<recipient xtkschema='nms:recipient' id='1000' _operation='destroy'/>", "XTK-170008"),
        ("<recipient xtkschema='nms:recipient' id='99999999999999999999'/>", "XTK-170007"),
        ("<recipient xtkschema='nms:recipient' id='1000' created='yesterday'/>", "XTK-170006"),
        ("<group xtkschema='nms:group' _operation='insert' name='LST1'/>", "PGS-220000"),
        ("", "XTK-170012"),
    ],
)
async def test_a_document_that_cannot_be_written_is_a_fault(caller, document, code):
    answer = await caller.write(document)
    assert answer.status == 200
    assert code in answer.fault


async def test_a_new_record_may_be_written_by_what_identifies_it(caller):
    await accepted(await caller.write("<recipient xtkschema='nms:recipient' email='new@example.org' _key='@email'/>"))
    assert await recipients(caller, "@email = 'new@example.org'") == [("1004", "new@example.org", "")]
