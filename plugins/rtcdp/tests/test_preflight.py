"""What `check` finds, with severity, path and remedy."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import DataSource, Severity

FLOWS = "/data/foundation/flowservice"
CRM = DataSource(name="crm", id_type="declared_id")


async def required(connector, audience, source, destination):
    """Asks what is asked when a share is planned, before its files are looked at."""
    await connector._parts.source.require(audience, source, destination, connector._context.now())


@pytest.fixture
def check(connect_sandbox, sandbox):
    """Checks a connection to the sandbox; answers findings as (severity, path)."""

    async def checked(external=None, **settings):
        bucket = {"bucket": sandbox.ready["platform"]["files"], "cloud_type": "DLZ"}
        found = await connect_sandbox(external=bucket | (external or {}), **settings).check()
        assert all(each.remedy and each.summary for each in found)
        return [(each.severity, each.path) for each in found]

    return checked


async def test_a_connection_that_is_set_up_well_has_no_finding(check):
    assert await check() == []


async def test_without_a_bucket_members_are_not_written(connect_sandbox):
    [found] = await connect_sandbox().check()
    assert (found.severity, found.path) == (Severity.INFO, "external.bucket")


async def test_a_namespace_that_is_not_there_is_an_error(check):
    assert await check({"namespaces": {"crm": "CRMID"}}) == [(Severity.ERROR, "external.namespaces.crm")]


async def test_a_base_connection_that_is_not_there_is_an_error(check):
    assert await check({"base_connection_id": "none"}) == [(Severity.ERROR, "external.base_connection_id")]


async def test_a_marketing_action_that_is_not_there_is_an_error(check):
    found = await check(governance={"marketing_action": "core/emailtargeting"})
    assert found == [(Severity.ERROR, "governance.marketing_action")]


async def test_a_flow_that_is_not_there_is_a_warning_unless_it_is_made(check):
    assert await check(activation={"name": "x"}) == [(Severity.WARNING, "activation.name")]
    assert await check(activation={"name": "x", "set_up": True}) == [(Severity.INFO, "activation.name")]


async def test_complaint_3_leavers_never_removed_a_flow_without_status_is_a_warning(check, connect_sandbox):
    """Complaint rtcdp 10.3."""
    flow = {"name": "x", "transformations": [{"name": "T", "params": {"profileSelectors": {"selectors": []}}}]}
    await connect_sandbox()._parts.platform.caller.call("POST", f"{FLOWS}/flows", body=flow)
    assert await check(activation={"name": "x"}) == [(Severity.WARNING, "activation.fields")]


async def test_a_disabled_flow_is_an_error(check, connect_sandbox):
    connector = connect_sandbox(activation={"name": "x", "set_up": True})
    [gold] = [each.id async for each in connector.list_audiences()]
    await required(connector, gold, CRM, "connections/campaign/audiences/gold")
    flow = (await connector._parts.flows.find("flows", "x"))["id"]
    caller = connector._parts.platform.caller
    await caller.call("POST", f"{FLOWS}/flows/{flow}/action", query=[("op", "DISABLE")])
    assert await check(activation={"name": "x"}) == [(Severity.ERROR, "activation.name")]


@pytest.mark.parametrize(
    ("body", "status", "remedy"),
    [
        ({"error_code": "401013"}, 401, "Check the secret of `credentials.ims`."),
        ({"error_code": "403003"}, 403, "add the API of Experience Platform to its project."),
        ({"error_code": "403025"}, 403, "give the credential a product profile of Experience Platform."),
        ({"error_code": "400003"}, 400, "Set it to the one in use."),
        ({"title": "no"}, 403, "add the credential to a role with the rights, for this sandbox."),
    ],
)
async def test_each_lack_of_access_is_told_from_the_others(connect, stub, body, status, remedy):
    stub.on("GET", "/data/core/idnamespace/identities", body, status)
    [found] = await connect().check()
    assert (found.severity, found.path) == (Severity.ERROR, "credentials")
    assert found.remedy.endswith(remedy)


async def test_a_platform_that_fails_is_told(connect, stub):
    stub.on("GET", "/data/core/idnamespace/identities", "<html>", 502)
    [found] = await connect().check()
    assert (found.severity, found.path) == (Severity.ERROR, "url")
