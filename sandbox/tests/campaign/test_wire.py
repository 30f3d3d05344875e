"""Envelopes: what is taken, and how exactly answers look."""

from __future__ import annotations

import pytest

NAMESPACED = (
    "<SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'"
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><SOAP-ENV:Header><Cookie>__sessiontoken=</Cookie>"
    "<X-Security-Token/></SOAP-ENV:Header><SOAP-ENV:Body>{}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
COUNT = "<queryDef operation='count' schema='nms:recipient' xtkschema='xtk:queryDef'/>"
GROUP = "<group xtkschema='nms:group' name='LST9'/>"


async def test_a_result_looks_exactly_as_callers_expect(anonymous):
    answer = await anonymous.call("xtk:session", "GetServerTime")
    assert answer.status == 200
    assert answer.text == (
        "<?xml version='1.0'?>\n<SOAP-ENV:Envelope xmlns:xsd='http://www.w3.org/2001/XMLSchema'"
        " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:ns='urn:xtk:session'"
        " xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>"
        "<GetServerTimeResponse xmlns='urn:xtk:session'"
        " SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'>"
        "<ptsServerTime xsi:type='xsd:dateTime'>2026-01-02T03:04:05.678Z</ptsServerTime></GetServerTimeResponse>"
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )


async def test_a_document_is_of_the_type_that_says_so(caller):
    answer = await caller.query(COUNT)
    literal = "xsi:type='ns:Element' SOAP-ENV:encodingStyle='http://xml.apache.org/xml-soap/literalxml'"
    assert f'<pdomOutput {literal}><recipient count="4"/></pdomOutput>' in answer.text


async def test_a_fault_looks_exactly_as_callers_expect(caller):
    answer = await caller.call("xtk:session", "Foo")
    assert answer.status == 200
    assert (
        "<SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring xsi:type='xsd:string'>"
        "SOP-330006 The method 'Foo' is not defined in the 'xtk:session' service.</faultstring>"
        "<detail xsi:type='xsd:string'></detail></SOAP-ENV:Fault></SOAP-ENV:Body>"
    ) in answer.text


@pytest.mark.parametrize(
    ("service", "method"),
    [
        ("xtk:session", "ExecuteQuery"),
        ("xtk:queryDef", "Write"),
        ("xtk:workflow", "PushEvent"),
        ("nms:rtEvent", "PostEvent"),
        ("", "Logon"),
        ("a<b", "c"),
    ],
)
async def test_a_service_answers_only_its_own_methods(caller, service, method):
    service = service.replace("<", "&lt;")
    assert (await caller.call(service, method, COUNT)).fault.startswith("SOP-330006")


async def test_an_undefined_method_is_no_way_around_the_session(caller):
    caller.session_token = "___dead"
    assert (await caller.call("xtk:session", "Foo")).fault.startswith("XSV-350008")


@pytest.mark.parametrize("service", ["xtk:session", "xtk:persist", "xtk:persist|xtk:session"])
@pytest.mark.parametrize("method", ["Write", "WriteCollection"])
async def test_documents_are_written_under_either_service_and_both(caller, service, method):
    document = GROUP if method == "Write" else f"<c xtkschema='nms:group'>{GROUP}</c>"
    answer = await caller.call(service, method, document)
    assert not answer.fault
    assert f"<{method}Response xmlns='urn:" in answer.text
    assert len(await caller.ids("@name = 'LST9'", "nms:group")) == 1


@pytest.mark.parametrize("content_type", ["application/soap+xml", "application/soap+xml;charset=UTF-8", "text/xml"])
@pytest.mark.parametrize("action", ['"xtk:queryDef#ExecuteQuery"', "xtk:queryDef#ExecuteQuery", ""])
async def test_headers_may_be_written_in_any_way(caller, content_type, action):
    headers = {"Content-Type": content_type, "soapaction": action}
    assert not (await caller.call("xtk:queryDef", "ExecuteQuery", COUNT, headers=headers)).fault


async def test_the_action_in_the_address_does_not_matter(anonymous):
    body = NAMESPACED.format("<GetServerTime xmlns='urn:xtk:session'><sessiontoken/></GetServerTime>")
    path = "/nl/jsp/soaprouter.jsp?soapAction=xtk%3Apersist%7Cxtk%3Asession%23Write"
    assert not (await anonymous.post(body, path=path)).fault


@pytest.mark.parametrize(
    "method",
    [
        "<m:ExecuteQuery xmlns:m='urn:xtk:queryDef'><token>{}</token><x xsi:type=''>{}</x></m:ExecuteQuery>",
        "<ExecuteQuery xmlns='urn:xtk:queryDef'><__sessiontoken>{}</__sessiontoken><entity>{}</entity></ExecuteQuery>",
        "<m:ExecuteQuery xmlns:m='urn:xtk:queryDef'><!-- 1 --><m:a>{}</m:a><?x?><b><!-- 3 -->{}</b></m:ExecuteQuery>",
        "<ExecuteQuery><sessiontoken>{}</sessiontoken><entity>{}</entity></ExecuteQuery>",
    ],
)
async def test_parameters_count_by_position_whatever_they_are_called(caller, method):
    body = NAMESPACED.format(method.format(caller.session_token, COUNT))
    headers = {"SOAPAction": "xtk:queryDef#ExecuteQuery", "X-Security-Token": caller.security_token}
    answer = await caller.post(body, headers)
    assert not answer.fault
    assert answer.document.get("count") == "4"


async def test_other_encodings_than_utf_8_are_heeded(caller):
    body = NAMESPACED.format(
        f"<ExecuteQuery xmlns='urn:xtk:queryDef'><t>{caller.session_token}</t><q><queryDef schema='nms:recipient'>"
        "<where><condition expr=\"@lastName LIKE 'Noël%'\"/></where></queryDef></q></ExecuteQuery>"
    )
    content = ("<?xml version='1.0' encoding='ISO-8859-1'?>" + body).encode("latin-1")
    answer = await caller.post(content, {"X-Security-Token": caller.security_token})
    assert [row.get("id") for row in answer.document] == ["1002"]
