"""Members as a field of their profiles, by streaming collection (rtcdp 5)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import (
    Capability,
    ConfigError,
    DataSource,
    RateLimited,
    TargetBatch,
    Transient,
    WriteRequest,
    capabilities,
)
from audience_gateway_rtcdp import RtcdpSettings, StreamingConnector
from audience_gateway_rtcdp.messages import calls_of
from pydantic import ValidationError

EMAILS = DataSource(name="email", id_type="declared_id")
VISITORS = DataSource(name="visitor-id", id_type="visitor_id")
INLET_SPEC = {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"}
SCHEMA = "https://ns.adobe.com/example/schemas/1"


def settings_of(url, inlet="inlet", **changes):
    return {
        "url": url,
        "inlet": inlet,
        "schema_id": SCHEMA,
        "dataset_id": "d9",
        "field": "_example.shared",
        "namespaces": {"email": "Email", "visitor_id": "ECID"},
    } | changes


def change(*ids, source=EMAILS, audience="gold"):
    return WriteRequest(audience=audience, source=source, batch=TargetBatch.of(ids), key="t/add-00000")


@pytest.fixture
def stream(connect, stub):
    """Makes a connector that streams to the small server."""
    return lambda **changes: connect(streaming=settings_of(stub.url, **changes))


@pytest.fixture
async def on_sandbox(connect_sandbox, sandbox):
    """A connector that streams to an inlet of the sandbox, and a look at profiles."""
    caller = connect_sandbox()._parts.platform.caller
    auth = {"specName": "Streaming Connection", "params": {"sourceId": "s", "dataType": "xdm"}}
    body = {"name": "inlet", "connectionSpec": INLET_SPEC, "auth": auth}
    inlet = (await caller.call("POST", "/data/foundation/flowservice/connections", body=body)).content["id"]
    url = sandbox.ready["platform"]["url"]

    async def profile(email):
        query = [("schema.name", "_xdm.context.profile"), ("entityId", email), ("entityIdNS", "Email")]
        found = (await caller.call("GET", "/data/core/ups/access/entities", query=query)).content
        return next(iter(found.values()))["entity"]

    return connect_sandbox(streaming=settings_of(url, inlet)), profile


def received(number):
    return {"responses": [{"xactionId": str(n)} for n in range(number)]}


def test_it_adds_and_removes():
    able = capabilities(StreamingConnector)
    assert able >= {Capability.WRITE_MEMBERS, Capability.REMOVE_MEMBERS}
    assert Capability.REPLACE_MEMBERS not in able


async def test_members_get_and_lose_the_field_and_keep_what_else_it_holds(on_sandbox):
    connector, profile = on_sandbox
    await connector.check_destination("gold", EMAILS)
    assert (await connector.write_members(change("ada@example.org", "bob@example.org"))).accepted == 2
    assert (await connector.write_members(change("ada@example.org", audience="silver"))).accepted == 1
    assert (await connector.remove_members(change("ada@example.org"))).accepted == 1
    assert (await profile("ada@example.org"))["_example"]["shared"] == {"gold": False, "silver": True}
    assert (await profile("bob@example.org"))["_example"]["shared"] == {"gold": True}


async def test_a_repeat_changes_nothing(on_sandbox):
    connector, profile = on_sandbox
    await connector.write_members(change("ada@example.org"))
    once = await profile("ada@example.org")
    await connector.write_members(change("ada@example.org"))
    assert await profile("ada@example.org") == once


async def test_records_are_answered_by_their_positions(stream, stub):
    stub.then({"responses": [{"xactionId": "1"}, {"statusCode": 400, "message": "b is bad"}, {"xactionId": "3"}]}, 207)
    result = await stream().write_members(change("a", "b", "c"))
    assert result.accepted == 2
    assert [(each.index, each.code) for each in result.refused] == [(1, "DCS-400")]
    assert "b" not in result.refused[0].detail.split()


async def test_a_call_that_is_too_large_is_made_in_halves(stream, stub):
    stub.then("", 413)
    stub.then({"responses": [{"xactionId": "1"}, {"statusCode": 400}]}, 207)
    stub.then({"responses": [{"xactionId": "3"}, {"statusCode": 422}]}, 207)
    result = await stream().write_members(change("a", "b", "c", "d"))
    assert [(each.index, each.code) for each in result.refused] == [(1, "DCS-400"), (3, "DCS-422")]
    assert [len(body["messages"]) for body in stub.bodies] == [4, 2, 2]


async def test_a_record_that_is_too_large_by_itself_is_refused(stream, stub):
    stub.then("", 413)
    assert (await stream().write_members(change("a"))).refused[0].code == "DCS-413"


async def test_the_service_says_when_to_come_back(stream, stub):
    stub.then("", 503, Retry_After="7")
    with pytest.raises(RateLimited) as caught:
        await stream().write_members(change("a"))
    assert caught.value.retry_after == 7


async def test_what_earlier_calls_of_a_write_have_sent_is_sent_though_a_later_one_was_not(stream, stub):
    stub.then(received(1), 207)
    stub.then("", 429)
    with pytest.raises(RateLimited) as caught:
        await stream(most_messages=1).write_members(change("a", "b"))
    assert caught.value.sent


@pytest.mark.parametrize("responses", [None, [], [{"xactionId": "1"}] * 3, [{"statusCode": 503}, {"xactionId": "1"}]])
async def test_an_answer_that_does_not_add_up_is_no_answer(stream, stub, responses):
    stub.then({"responses": responses}, 207)
    with pytest.raises(Transient) as caught:
        await stream().write_members(change("a", "b"))
    assert caught.value.sent


async def test_records_go_in_calls_of_so_many_at_most_and_keep_their_positions(stream, stub):
    stub.then(received(2), 207)
    stub.then({"responses": [{"statusCode": 400}]}, 207)
    result = await stream(most_messages=2).write_members(change("a", "null", "b", "c"))
    assert [(each.index, each.code) for each in result.refused] == [(1, "ID_SKIPPED"), (3, "DCS-400")]


def test_calls_are_of_so_many_bytes_at_most():
    calls = [list(call) for call in calls_of([{"a": "x" * 40}] * 5, most=100, most_bytes=130)]
    assert [len(call) for call in calls] == [2, 2, 1]


async def test_golden_an_ecid_of_37_digits_is_refused_instead_of_skipped(stream, stub):
    stub.then(received(1), 207)
    result = await stream().write_members(change("1" * 37, "1" * 38, source=VISITORS))
    assert [(each.index, each.code) for each in result.refused] == [(0, "ID_SKIPPED")]


async def test_no_token_goes_to_an_inlet_that_wants_none(stream, stub):
    stub.then(received(1), 207)
    await stream().write_members(change("a"))
    assert "Authorization" not in stub.headers[0]
    stub.then(received(1), 207)
    await stream(authenticated=True).write_members(change("a"))
    assert stub.headers[1]["Authorization"] == "Bearer token-1"


async def test_a_record_says_what_the_platform_needs_to_take_it(stream, stub):
    stub.then(received(1), 207)
    await stream(flow_id="f1").write_members(change("a"))
    [message] = stub.bodies[0]["messages"]
    assert message["header"]["imsOrgId"] == "5A17@AdobeOrg"
    assert (message["header"]["datasetId"], message["header"]["flowId"]) == ("d9", "f1")
    assert message["body"]["xdmMeta"]["schemaRef"] == message["header"]["schemaRef"]
    assert message["body"]["xdmEntity"] == {
        "identityMap": {"Email": [{"id": "a", "primary": True}]},
        "_example": {"shared": {"gold": True}},
    }


async def test_complaint_11_no_rule_is_made_that_the_segment_builder_could_not_edit(stream, stub):
    stub.then(received(1), 207)
    connector = stream()
    assert (await connector.create_audience("gold", "Gold")).id == "gold"
    await connector.write_members(change("a"))
    assert stub.calls == [("POST", "/collection/batch/inlet")]


async def test_an_audience_is_a_name_in_a_schema(stream):
    with pytest.raises(ConfigError, match="a name in a schema"):
        await stream().check_destination("gold.members", EMAILS)


def test_members_are_written_one_way_or_the_other():
    external = {"bucket": "file:///x", "cloud_type": "DLZ"}
    with pytest.raises(ValidationError, match="either `external` or `streaming`"):
        RtcdpSettings(credentials="ims", external=external, streaming=settings_of("https://dcs.example.org"))
