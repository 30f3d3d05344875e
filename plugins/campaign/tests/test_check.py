"""What `check` finds; on a Campaign that is as it should be it finds nothing (test_on_sandbox)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Severity


class Instance:
    """Answers every call well, except queries that select a given attribute or schema."""

    def __init__(self, stub, refused: str = "") -> None:
        self.stub = stub
        self.refused = refused
        stub.answers = self

    def pop(self, _: int):
        """The answer to the last call."""
        call = self.stub.calls[-1]
        if call.method != "ExecuteQuery":
            return self.stub.envelope("<GetServerTimeResponse xmlns='urn:'><t>2026-01-02</t></GetServerTimeResponse>")
        query = call.parameters[1][0]
        asked = {query.get("schema"), *(node.get("expr") for node in query.iter("node"))}
        return self.stub.fault("XTK-170036 Unable to parse") if self.refused in asked else self.stub.rows()


async def findings(connector_to, url, **settings):
    connector = await connector_to(url, **settings)
    return [(found.severity, found.path) for found in await connector.check()]


async def test_nothing_is_found_where_nothing_is_wrong(connector_to, stub):
    Instance(stub)
    assert await findings(connector_to, stub.url) == []


@pytest.mark.parametrize(
    ("refused", "path"),
    [
        ("nms:group", "nms:group"),
        ("nms:trackingLogRcp", "nms:trackingLogRcp"),
        ("@blackList", "opt_out_attributes"),
        ("[@rcpGroup-id]", "membership_list_key"),
    ],
)
async def test_what_cannot_be_read_is_found_and_the_rest_is_still_tried(connector_to, stub, refused, path):
    Instance(stub, refused)
    assert await findings(connector_to, stub.url) == [(Severity.ERROR, path)]
    assert stub.calls[-1].parameters[1][0].get("schema") == "nms:trackingLogRcp"


async def test_a_wrong_password_is_found(connector_to, stub):
    stub.logon = stub.fault("XSV-350012 Invalid login or password.")
    assert await findings(connector_to, stub.url) == [(Severity.ERROR, "password")]


async def test_a_password_that_leads_nowhere_is_found(connector_to, stub):
    assert await findings(connector_to, stub.url, password="env:NOT_SET") == [(Severity.ERROR, "password")]


async def test_a_stopped_instance_is_found_with_address_and_remedy(connector_to, unused_tcp_port):
    connector = await connector_to(f"http://127.0.0.1:{unused_tcp_port}")
    (found,) = await connector.check()
    assert found.path == "url"
    assert f"127.0.0.1:{unused_tcp_port}" in found.summary
    assert "running" in found.remedy


async def test_an_instance_that_fails_half_way_ends_the_check(connector_to, stub):
    stub.answers = [stub.envelope("<R xmlns='urn:'/>"), stub.text("", 503)]
    assert await findings(connector_to, stub.url) == [(Severity.ERROR, "nms:recipient")]


async def test_clear_text_to_another_machine_is_a_warning(connector_to):
    connector = await connector_to("http://campaign.invalid", timeout_seconds=0.001)
    found = await connector.check()
    assert (found[0].severity, found[0].path) == (Severity.WARNING, "url")
    assert "https" in found[0].remedy
