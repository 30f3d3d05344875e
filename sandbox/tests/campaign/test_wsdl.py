"""Descriptions of services."""

from __future__ import annotations

import pytest
from lxml import etree

W = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"


async def description(caller, schema, **headers):
    url = f"{caller.url}/nl/jsp/schemawsdl.jsp?schema={schema}"
    session = {"X-Session-Token": caller.session_token, "X-Security-Token": caller.security_token}
    async with caller.http.get(url, headers=headers or session, allow_redirects=False) as response:
        return response.status, await response.read()


async def test_each_method_is_an_operation_with_its_action(caller):
    status, content = await description(caller, "xtk:queryDef")
    actions = [each.get("soapAction") for each in etree.fromstring(content).iter(f"{SOAP}operation")]
    assert (status, actions) == (200, ["xtk:queryDef#ExecuteQuery"])


async def test_the_session_token_is_the_first_element_and_a_query_the_second(caller):
    root = etree.fromstring((await description(caller, "xtk:queryDef"))[1])
    (call,) = root.iterfind(f".//{XSD}element[@name='ExecuteQuery']")
    assert [each.get("name") for each in call[0][0]] == ["sessiontoken", "entity"]
    (answer,) = root.iterfind(f".//{XSD}element[@name='ExecuteQueryResponse']")
    assert [each.get("name") for each in answer[0][0]] == ["pdomOutput"]
    assert answer[0][0][0][0].get("mixed") == "true"


@pytest.mark.parametrize("schema", ["xtk:session", "xtk:persist", "xtk:workflow", "nms:rtEvent", "nms:recipient"])
async def test_whatever_an_operation_names_is_described(caller, schema):
    root = etree.fromstring((await description(caller, schema))[1])
    messages = {each.get("name") for each in root.iter(f"{W}message")}
    elements = {each.get("name") for each in root.find(f".//{XSD}schema")}
    used = {
        each.get("message").removeprefix("tns:")
        for name in ("input", "output")
        for each in root.iterfind(f"{W}portType/{W}operation/{W}{name}")
    }
    parts = {each.get("element").removeprefix("tns:") for each in root.iter(f"{W}part")}
    assert used == messages
    assert parts == elements


async def test_the_address_is_the_routers(caller):
    root = etree.fromstring((await description(caller, "xtk:session"))[1])
    (address,) = root.iter(f"{SOAP}address")
    assert address.get("location") == f"{caller.url}/nl/jsp/soaprouter.jsp"


async def test_writing_is_described_with_the_session_that_implements_it(caller):
    root = etree.fromstring((await description(caller, "xtk:session"))[1])
    assert "xtk:session#Write" in [each.get("soapAction") for each in root.iter(f"{SOAP}operation")]


async def test_who_is_not_logged_on_is_sent_to_the_login_page(anonymous):
    assert (await description(anonymous, "xtk:session"))[0] == 302


async def test_a_token_of_the_token_service_will_do(anonymous):
    assert (await description(anonymous, "xtk:session", Authorization="Bearer eyJ.good.token"))[0] == 200


async def test_an_unknown_schema_has_no_description(caller):
    assert (await description(caller, "nms:nothing"))[0] == 404
