"""Schemas as callers read them before their first call."""

from __future__ import annotations

import pytest
from audience_gateway_sandbox.campaign.signatures import METHODS


async def entity(caller, key, md5="", must_exist="false", service="xtk:session", **headers):
    answer = await caller.call(service, "GetEntityIfMoreRecent", key, md5, must_exist, headers=headers)
    assert not answer.fault, answer.fault
    return answer.document


async def test_a_data_schema_tells_attributes_keys_and_links(caller):
    schema = await entity(caller, "xtk:schema|nms:rcpGrpRel")
    assert dict(schema.attrib).items() >= {"namespace": "nms", "name": "rcpGrpRel", "mappingType": "sql"}.items()
    (root,) = schema.findall("{*}element")
    assert root.get("name") == "rcpGrpRel"
    assert [field.get("xpath") for field in root.find("{*}key")] == ["@rcpGroup-id", "@recipient-id"]
    assert [(each.get("name"), each.get("type")) for each in root.findall("{*}attribute")] == [
        ("rcpGroup-id", "long"),
        ("recipient-id", "long"),
    ]
    link = root.find("{*}element[@name='rcpGroup']")
    assert (link.get("type"), link.get("target")) == ("link", "nms:group")
    assert dict(link[0].attrib) == {"xpath-dst": "@id", "xpath-src": "@rcpGroup-id"}


@pytest.mark.parametrize(
    "name",
    [
        "nms:recipient",
        "nms:group",
        "nms:trackingLogRcp",
        "xtk:folder",
        "nms:extAccount",
        "xtk:option",
        "nms:amcDataSource",
        "nms:rtEvent",
        "nms:batchEvent",
        "xtk:workflow",
        "xtk:workflowLog",
    ],
)
async def test_every_schema_can_be_had_and_read_from(caller, name):
    schema = await entity(caller, f"xtk:schema|{name}")
    root = schema.find("{*}element")
    attributes = [f"[@{each.get('name')}]" for each in root.findall("{*}attribute")]
    assert await caller.select(name, *attributes, order=attributes[0]) is not None


async def test_unbound_links_lead_to_the_lists_and_tracking_logs_of_a_recipient(caller):
    root = (await entity(caller, "xtk:schema|nms:recipient")).find("{*}element")
    unbound = {each.get("name"): each.get("target") for each in root.findall("{*}element[@unbound='true']")}
    assert unbound == {"rcpGrpRel": "nms:rcpGrpRel", "trackingLog": "nms:trackingLogRcp"}


async def test_the_schemas_of_methods_hold_every_method_that_is_served(caller):
    implementing = {"xtk:persist": "xtk:session"}
    services = {implementing.get(method.service, method.service) for method in METHODS}
    schemas = [await entity(caller, f"xtk:schema|{service}") for service in services]
    described = [method.get("name") for schema in schemas for method in schema.iter("{*}method")]
    assert sorted(described) == sorted(method.name for method in METHODS)


async def test_the_session_implements_the_methods_that_write(caller):
    session = await entity(caller, "xtk:schema|xtk:session")
    assert session.get("implements") == "xtk:persist"
    assert "Write" in [method.get("name") for method in session.find("{*}interface[@name='persist']")]


async def test_a_workflow_has_both_data_and_methods(caller):
    workflow = await entity(caller, "xtk:schema|xtk:workflow")
    attributes = [each.get("name") for each in workflow.find("{*}element").findall("{*}attribute")]
    assert attributes == ["id", "internalName", "label", "state"]
    methods = [each.get("name") for each in workflow.iter("{*}method")]
    assert methods == ["PostEvent", "Start", "StartWithParameters", "Stop", "Pause"]


async def test_parameters_are_described_in_the_order_of_the_call(caller):
    session = await entity(caller, "xtk:schema|xtk:session")
    method = session.find("{*}interface[@name='persist']/{*}method[@name='GetEntityIfMoreRecent']")
    assert method.get("static") == "true"
    assert [(each.get("name"), each.get("type"), each.get("inout")) for each in method[0]] == [
        ("pk", "string", None),
        ("md5", "string", None),
        ("mustExist", "boolean", None),
        ("doc", "DOMDocument", "out"),
    ]


async def test_a_query_is_its_own_first_parameter(caller):
    query = await entity(caller, "xtk:schema|xtk:queryDef")
    (method,) = query.iter("{*}method")
    assert method.get("static") is None
    assert [each.get("inout") for each in method[0]] == ["out"]


@pytest.mark.parametrize(
    "key", ["xtk:schema|nms:nothing", "xtk:srcSchema|nms:recipient", "xtk:form|nms:recipient", "x", ""]
)
async def test_what_is_not_there_is_an_empty_document(caller, key):
    answer = await caller.call("xtk:session", "GetEntityIfMoreRecent", key, "", "false")
    literal = "xsi:type='ns:Element' SOAP-ENV:encodingStyle='http://xml.apache.org/xml-soap/literalxml'"
    assert f"<pdomDoc {literal}/>" in answer.text


async def test_what_must_exist_and_does_not_is_a_fault(caller):
    answer = await caller.call("xtk:session", "GetEntityIfMoreRecent", "xtk:schema|nms:nothing", "", "true")
    assert "XFR-180000" in answer.fault


async def test_what_the_caller_has_already_is_not_sent_again(caller):
    schema = await entity(caller, "xtk:schema|nms:group")
    assert await entity(caller, "xtk:schema|nms:group", schema.get("md5")) is None
    assert await entity(caller, "xtk:schema|nms:group", "0" * 32) is not None


async def test_a_token_of_the_token_service_does_too(anonymous):
    found = await entity(
        anonymous, "xtk:schema|nms:group", service="xtk:persist", Authorization="Bearer eyJ.good.token"
    )
    assert found.get("name") == "group"
