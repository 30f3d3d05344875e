"""Messages that nobody means well by: each gets a fault, and does no harm."""

from __future__ import annotations

import asyncio

import pytest

CALL = (
    "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>"
    "<Logon xmlns='urn:xtk:session'><t/><l>{}</l><p/></Logon></e:Body></e:Envelope>"
)
LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


@pytest.mark.parametrize(
    "message",
    [
        "",
        "no xml",
        "<open>",
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'/>",
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body/></e:Envelope>",
        f"<!DOCTYPE x [<!ENTITY l0 'ha'>{LAUGHS}]>{CALL.format('&l9;')}",
        f"<!DOCTYPE x [<!ENTITY file SYSTEM 'file:///etc/hostname'>]>{CALL.format('&file;')}",
        f"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>{CALL.format('')}",
        f"<!DOCTYPE x>{CALL.format('')}",
        f"<!DOCTYPE x [<!ENTITY % more SYSTEM 'file:///etc/hostname'> %more;]>{CALL.format('')}",
        f"<!DOCTYPE x [<!ENTITY a '{'ha' * 50_000}'>]>{CALL.format('&a;' * 2000)}",
        f"<!DOCTYPE x [<!ATTLIST x y CDATA 'z'>]>{CALL.format('')}",
        CALL.format("&undefined;"),
        f"<a {' '.join(f'b{n}=1' for n in range(3))}/>",
        "<a>" * 20_000 + "</a>" * 20_000,
        CALL.format("\x01"),
        CALL.format("&#1;"),
        b"\xff\xfe\x00",
    ],
    ids=[
        "empty",
        "text",
        "open",
        "no-body",
        "no-method",
        "laughs",
        "file",
        "dtd",
        "doctype",
        "parameter-entity",
        "quadratic",
        "attlist",
        "undefined-entity",
        "unquoted",
        "deep",
        "x01",
        "ref",
        "bytes",
    ],
)
async def test_what_is_no_soap_call_is_a_fault(anonymous, message):
    answer = await anonymous.post(message)
    assert (answer.status, answer.body.findtext("faultcode")) == (200, "SOAP-ENV:Client")
    assert answer.fault.startswith("SOP-330000")


async def test_no_file_is_included(anonymous, tmp_path):
    (tmp_path / "file").write_text("found")
    include = f"<i:include xmlns:i='http://www.w3.org/2001/XInclude' parse='text' href='{tmp_path}/file'/>"
    answer = await anonymous.post(CALL.format(include))
    assert (answer.status, "found" in answer.text) == (200, False)
    assert answer.fault.startswith("XSV-350012")


async def test_an_include_is_written_as_nothing(caller, campaign, tmp_path):
    (tmp_path / "file").write_text("found")
    include = f"<i:include xmlns:i='http://www.w3.org/2001/XInclude' parse='text' href='{tmp_path}/file'/>"
    await caller.write(f"<recipient xtkschema='nms:recipient' id='1000' _key='@id'>{include}</recipient>")
    row = campaign.database.execute("SELECT * FROM recipient WHERE id = 1000").fetchone()
    assert "found" not in str(row)


@pytest.mark.parametrize("levels", [20, 60, 120, 240])
async def test_nesting_ends_in_an_answer_however_deep_it_is(caller, levels):
    conditions = "<condition>" * levels + "<condition expr='@id = 1000'/>" + "</condition>" * levels
    answer = await caller.query(f"<queryDef schema='nms:recipient'><where>{conditions}</where></queryDef>")
    assert answer.status == 200
    assert answer.fault or [row.get("id") for row in answer.document] == ["1000"]
    ends = ("<recipient _key='@email' email='x'><rcpGrpRel><rcpGroup name='LST1'/>", "</rcpGrpRel></recipient>")
    inside = ends[0] * (levels // 2) + ends[1] * (levels // 2)
    answer = await caller.write_collection(f"<c xtkschema='nms:recipient'>{inside}</c>")
    assert answer.status == 200


@pytest.mark.parametrize("header", ["SOAPAction", "X-Session-Token", "X-Security-Token", "Authorization", "Cookie"])
async def test_headers_that_are_no_text_do_no_harm(caller, header):
    garbage = "Bearer __sessiontoken=\udcff\udcfe#x"
    message = CALL.format("").replace(" xmlns='urn:xtk:session'", "").replace("Logon", "GetUserInfo")
    security = {"X-Session-Token": caller.session_token, "X-Security-Token": caller.security_token}
    host, port = caller.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    headers = security | {header: garbage, "Content-Length": str(len(message)), "Connection": "close", "Host": host}
    head = "POST /nl/jsp/soaprouter.jsp HTTP/1.1\r\n" + "".join(f"{name}: {headers[name]}\r\n" for name in headers)
    writer.write((head + "\r\n" + message).encode(errors="surrogateescape"))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))


async def test_ten_mebibytes_are_taken(caller):
    rows = "<recipient _operation='update' _key='@email' email='{}'/>".format("x" * (1 << 20)) * 10
    assert not (await caller.write_collection(f"<c xtkschema='nms:recipient'>{rows}</c>")).fault


async def test_a_message_without_end_is_not_read_to_its_end(anonymous):
    answer = await anonymous.post(b" " * (17 << 20))
    assert answer.status == 413


async def test_a_password_is_never_repeated(anonymous):
    answer = await anonymous.call("xtk:session", "Logon", "gw_api", "s3cret-and-wrong", "")
    assert "s3cret-and-wrong" not in answer.text


async def test_values_cannot_break_out_of_a_statement(caller):
    assert await caller.ids("@email = '\\' OR 1=1 --'") == []
    answer = await caller.write(
        "<recipient xtkschema='nms:recipient' email=\"x'); DROP TABLE recipient; --\" _key='@email'/>"
    )
    assert not answer.fault
    assert await caller.ids("@email LIKE '%DROP%'") == [1004]


async def test_a_record_cannot_break_out_of_an_answer(caller, campaign):
    with campaign.database:
        campaign.database.execute("UPDATE recipient SET firstName = ? WHERE id = 1000", ('"/><recipient id="7',))
    found = await caller.select("nms:recipient", "@firstName", where="@id = 1000")
    assert [dict(row.attrib) for row in found] == [{"firstName": '"/><recipient id="7'}]
