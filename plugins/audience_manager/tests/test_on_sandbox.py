"""The connector against the sandbox's Audience Manager over a real socket."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from audience_gateway.sdk import ConfigError, DataSource, Permanent, Severity
from audience_gateway.sdk.audience_manager.rest import Conflict, caller_of
from audience_gateway_audience_manager import AudienceManagerConnector, AudienceManagerSettings
from audience_gateway_ims import ImsSettings, ImsTokens
from audience_gateway_sandbox.sandbox import Sandbox

MID, DECLARED, LAST_AUTHENTICATED = 38888, 38889, 38891
CUSTOMERS = DataSource(name="crm", id_type="declared_id", aam_data_source_id=DECLARED, aam_destination_id=0)


@pytest.fixture
async def sandbox():
    async with Sandbox.started(recipients=100) as sandbox:
        yield sandbox


@pytest.fixture
def connect(sandbox, context, monkeypatch, tmp_path):
    ims = sandbox.ready["ims"]
    monkeypatch.setenv("IMS_SECRET", ims["client_secret"])
    settings = {
        "url": ims["url"],
        "org_id": ims["org_id"],
        "client_id": ims["client_id"],
        "client_secrets": ["env:IMS_SECRET"],
    }
    context.credentials_of = {"ims": ImsTokens(ImsSettings.model_validate(settings), context)}
    monkeypatch.setattr(context, "now", sandbox.instance.now)

    def connector(**changes):
        values = {
            "url": f"{sandbox.ready['audience_manager']['url']}/v1",
            "credentials": "ims",
            "page_size": 2,
            "onboarding": {"data_source_id": MID, "merge_rule_data_source_id": LAST_AUTHENTICATED},
            "inbound": {"bucket": (tmp_path / "in").as_uri()},
            "outbound": {"bucket": (tmp_path / "out").as_uri()},
        }
        return AudienceManagerConnector(AudienceManagerSettings.model_validate(values | changes), context)

    return connector


@pytest.fixture
def rest(connect):
    return connect()._parts.rest


async def adobe(sandbox, path, body):
    """Does what only Adobe does."""
    url = f"{sandbox.ready['audience_manager']['url']}/sandbox/audience-manager/{path}"
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as response:
        assert response.status == 201, await response.text()
        return await response.json()


async def listed(connector):
    return {audience.id: audience async for audience in connector.list_audiences()}


async def test_what_the_sandbox_begins_with_is_listed_in_pages(connect):
    found = await listed(connect())
    assert [name.partition("-")[0] for name in found] == ["segment", "segment", "trait", "trait"]
    assert {audience.title for audience in found.values()} == {"Shared audience", "Another shared audience"}


async def test_an_audience_is_created_once_and_found_again(connect):
    created = await connect().create_audience("gold", "Gold customers")
    again = await connect().create_audience("gold", "Another title")
    assert (again.id, again.title, again.updated) == (created.id, created.title, created.updated)
    assert await connect().get_audience("gold") == again
    found = (await listed(connect()))["gold"]
    assert (found.title, found.readable, found.writable, found.size) == ("Gold customers", True, True, 0)


async def test_two_at_a_time_create_one(connect, rest):
    source = await rest.data_sources.create(
        {
            "name": "Own",
            "integrationCode": "own",
            "uniqueTraitIntegrationCodes": True,
            "uniqueSegmentIntegrationCodes": True,
        }
    )
    both = [connect(onboarding={"data_source_id": source.id}).create_audience("gold", "Gold") for _ in range(2)]
    await asyncio.gather(*both)
    assert [trait.integration_code async for trait in rest.traits.all([("includeDetails", "true")])].count("gold") == 1
    with pytest.raises(Conflict):
        await rest.traits.create(
            {
                "name": "x",
                "traitType": "ON_BOARDED_TRAIT",
                "dataSourceId": source.id,
                "folderId": 0,
                "integrationCode": "gold",
            }
        )


async def test_objects_are_changed_and_deleted(rest):
    source = await rest.data_sources.create({"name": "Own", "integrationCode": "own"})
    changed = await rest.data_sources.update(source.id, {"description": "Mine"})
    assert (changed.name, changed.description) == ("Own", "Mine")
    await rest.data_sources.delete(source.id)
    assert await rest.data_sources.find(source.id) is None


async def test_several_are_deleted_at_once(rest):
    values = {"traitType": "ON_BOARDED_TRAIT", "dataSourceId": MID, "folderId": 0}
    numbers = [(await rest.traits.create({"name": f"t{number}", **values})).id for number in range(3)]
    assert await rest.traits.delete_all(numbers) == []


async def test_folders_limits_and_histories_are_read(rest, sandbox):
    (root,) = [folder async for folder in rest.folders("segments").all()]
    assert (root.id, root.path[0]) == (0, "/")
    assert await rest.traits.limits()
    assert await rest.segments.limits()
    assert await rest.inbound_history(MID) == []
    (destination, *_) = [each.id async for each in rest.destinations.all()]
    assert (
        await rest.outbound_history(destination, sandbox.instance.now() - timedelta(days=1), sandbox.instance.now())
        == []
    )


async def test_segments_are_mapped_and_mappings_ended(connect, rest, sandbox):
    made = await adobe(sandbox, "destinations", {"name": "Campaign", "dataSourceId": DECLARED})
    connector = connect(onboarding={"data_source_id": MID, "destination_id": made["destinationId"]})
    for _ in range(2):
        await connector.create_audience("gold", "Gold")
    mappings = rest.mappings(made["destinationId"])
    (mapping,) = [each async for each in mappings.all()]
    assert mapping.is_active
    await mappings.delete(mapping.id)
    assert [each async for each in mappings.all()] == []


async def test_a_segment_that_exports_nobody_is_named(connect, sandbox):
    made = await adobe(sandbox, "destinations", {"name": "Campaign", "dataSourceId": DECLARED})
    number = made["destinationId"]
    await connect(onboarding={"data_source_id": MID, "destination_id": number}).create_audience("gold", "Gold")
    preflight = {"destinations": [number]}
    findings = await connect(preflight=preflight).check()
    (finding,) = [each for each in findings if each.severity is Severity.ERROR]
    assert f"exports nobody to destination {number}" in finding.summary
    assert "`Gold`" in finding.summary


async def test_a_control_keeps_a_segment_from_a_destination_here_and_there(connect, rest, sandbox):
    await rest.data_sources.update(MID, {"dataExportRestrictions": ["PII"]})
    body = {"name": "Campaign", "dataSourceId": DECLARED, "dataExportLabels": ["PII"]}
    number = (await adobe(sandbox, "destinations", body))["destinationId"]
    with pytest.raises(ConfigError, match="PII"):
        await connect(onboarding={"data_source_id": MID, "destination_id": number}).create_audience("gold", "Gold")
    segment = (await connect()._parts.audiences.find("gold")).segment
    with pytest.raises(Conflict):
        await rest.mappings(number).create(segment.id, "2026-01-05")


async def test_members_can_be_written_once_the_trait_is_old_enough(connect, sandbox):
    await connect().create_audience("gold", "Gold")
    with pytest.raises(Permanent, match="was created at"):
        await connect().check_destination("gold", CUSTOMERS)
    await sandbox.instance.advance(timedelta(hours=4))
    await connect().check_destination("gold", CUSTOMERS)


async def test_a_token_that_has_expired_is_not_noticed(connect, sandbox):
    connector = connect()
    await connector.get_audience("gold")
    sandbox.instance.clock.advance(timedelta(days=2))
    assert await connector.get_audience("gold") is None


async def test_a_key_that_is_not_known_is_told_from_a_token(connect, context, sandbox):
    class Elsewhere:
        client_id = "somebody-else"
        org_id = context.credentials_of["ims"].org_id
        token = context.credentials_of["ims"].token

    connector = connect()
    context.credentials_of = {"ims": Elsewhere()}
    (finding,) = [each for each in await connector.check() if each.severity is Severity.ERROR]
    assert (finding.path, "the API key was refused" in finding.summary) == ("credentials", True)


async def test_both_forms_of_a_list_are_the_same(context, connect, sandbox):
    connect()
    caller = caller_of(f"{sandbox.ready['audience_manager']['url']}/v1", context, "ims", 5)
    bare = (await caller.call("GET", "/traits/")).content
    paged = (await caller.call("GET", "/traits/", query=[("page", "0")])).content
    assert paged["list"] == bare
