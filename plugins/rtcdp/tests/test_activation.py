"""Setting a file destination up on the sandbox's flow service: once, and a second time nothing changes (rtcdp 6.8)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import ConfigError, DataSource, Permanent
from audience_gateway_rtcdp.selectors import fields_of, selectors_of

FLOWS = "/data/foundation/flowservice"
CRM = DataSource(name="crm", id_type="declared_id")
CAMPAIGN = "connections/campaign/audiences/gold"
KINDS = ("connections", "sourceConnections", "targetConnections", "flows")


@pytest.fixture
def connect_flow(connect_sandbox, monkeypatch):
    """Makes a connector with a file destination."""
    monkeypatch.setenv("S3_KEY", "key")

    def connector(**activation):
        values = {
            "name": "To Campaign",
            "set_up": True,
            "auth": {"accessId": "env:S3_KEY", "secretKey": "env:S3_KEY"},
            "target": {"mode": "S3", "format": "CSV", "bucketName": "crm", "path": "in"},
        }
        return connect_sandbox(activation=values | activation)

    return connector


@pytest.fixture
async def gold(connect_flow):
    [gold] = [each.id async for each in connect_flow().list_audiences()]
    return gold


async def required(connector, audience, source, destination):
    """Asks what is asked when a share is planned, before its files are looked at."""
    await connector._parts.source.require(audience, source, destination, connector._context.now())


async def names(connector, kind):
    return [each["name"] async for each in connector._parts.flows.all(kind)]


async def flow_of(connector):
    return await connector._parts.flows.find("flows", "To Campaign")


async def test_all_that_is_missing_is_made(connect_flow, gold):
    connector = connect_flow()
    await required(connector, gold, CRM, CAMPAIGN)
    assert [await names(connector, kind) for kind in KINDS] == [["To Campaign"]] * 4
    flow = await flow_of(connector)
    assert selectors_of(flow)[gold]["exportMode"] == "DAILY_FULL_EXPORT"
    assert flow["flowSpec"]["id"]


async def test_a_second_set_up_changes_nothing(connect_flow, gold):
    connector = connect_flow()
    await required(connector, gold, CRM, CAMPAIGN)
    before = await flow_of(connector)
    await required(connector, gold, CRM, CAMPAIGN)
    assert await flow_of(connector) == before
    assert [await names(connector, kind) for kind in KINDS] == [["To Campaign"]] * 4


async def test_complaint_3_leavers_that_are_never_removed_the_status_is_always_mapped(connect_flow, gold):
    """Complaint rtcdp 10.3; golden: incremental without status column omits the exit."""
    connector = connect_flow(fields=["personalEmail.address"], export_mode="FIRST_FULL_THEN_INCREMENTAL")
    await required(connector, gold, CRM, CAMPAIGN)
    assert fields_of(await flow_of(connector)) == {"personalEmail.address", "segmentMembership.status"}


async def test_what_is_configured_otherwise_is_changed_and_the_first_date_stays(connect_flow, gold, context):
    await required(connect_flow(), gold, CRM, CAMPAIGN)
    began = selectors_of(await flow_of(connect_flow()))[gold]["schedule"]["startDate"]
    changed = connect_flow(start_time="05:00", fields=["personalEmail.address", "person.name.firstName"])
    await required(changed, gold, CRM, CAMPAIGN)
    flow = await flow_of(changed)
    assert (
        selectors_of(flow)[gold]["schedule"] | {"startTime": "05:00", "startDate": began}
        == (selectors_of(flow)[gold]["schedule"])
    )
    assert "person.name.firstName" in fields_of(flow)
    assert len(selectors_of(flow)) == 1


async def test_a_conflict_is_answered_by_reading_anew_and_trying_again(connect_flow, gold, monkeypatch):
    connector = connect_flow()
    flows = connector._parts.flows
    await required(connector, gold, CRM, CAMPAIGN)
    flow = (await flow_of(connector))["id"]
    asked = []

    async def somebody_else():
        field = {"type": "JSON_PATH", "value": {"path": "person.name.lastName", "operator": "EXISTS"}}
        path = "/transformations/0/params/profileSelectors/selectors/-"
        etag = (await flows.get("flows", flow))["etag"]
        step = [{"op": "add", "path": path, "value": field}]
        await flows.platform.caller.call("PATCH", f"{FLOWS}/flows/{flow}", body=step, if_match=etag)

    def steps(shown):
        asked.append(shown["etag"])
        return [{"op": "replace", "path": "/name", "value": "To Campaign"}]

    get = type(flows).get

    async def get_and_be_overtaken(self, kind, id_):
        shown = await get(self, kind, id_)
        if not asked:
            await somebody_else_once()
        return shown

    async def somebody_else_once():
        monkeypatch.setattr(type(flows), "get", get)
        await somebody_else()

    monkeypatch.setattr(type(flows), "get", get_and_be_overtaken)
    assert await flows.change("flows", flow, steps)
    assert len(asked) == 2
    assert asked[0] != asked[1]
    assert "person.name.lastName" in fields_of(await flow_of(connector))


async def test_a_conflict_without_end_is_told(connect, stub):
    flows = connect()._parts.flows
    stub.on("GET", f"{FLOWS}/flows/1", {"items": [{"id": "1", "etag": '"a"'}]})
    stub.on("PATCH", f"{FLOWS}/flows/1", {"errorMessage": "Supplied version does not match"}, 412)
    with pytest.raises(Permanent, match="changed by somebody else 5 times"):
        await flows.change("flows", "1", lambda _: [{"op": "remove", "path": "/x"}])
    assert stub.headers[1]["If-Match"] == '"a"'


async def test_without_set_up_what_is_missing_is_only_told(connect_flow, gold):
    connector = connect_flow(set_up=False)
    with pytest.raises(Permanent, match="not activated by the flow `To Campaign`"):
        await required(connector, gold, CRM, CAMPAIGN)
    assert await names(connector, "flows") == []


async def test_a_share_to_elsewhere_sets_nothing_up(connect_flow, gold):
    connector = connect_flow()
    await required(connector, gold, CRM, "connections/files/audiences/gold")
    assert await names(connector, "flows") == []


async def test_a_flow_that_is_full_is_told_before_it_is_changed(connect_flow, gold):
    with pytest.raises(Permanent, match="exports as many audiences as it may"):
        await required(connect_flow(most_audiences=1), await other(connect_flow(), gold), CRM, CAMPAIGN)


async def other(connector, gold):
    await required(connector, gold, CRM, CAMPAIGN)
    body = {"name": "silver", "type": "ExternalSegment", "audienceId": "silver"}
    await connector._parts.platform.caller.call("POST", "/data/core/ups/audiences", body=body)
    return "silver"


async def test_an_external_audience_names_its_namespace(connect_flow, gold):
    connector = connect_flow()
    await required(connector, await other(connector, gold), CRM, CAMPAIGN)
    silver = await connector._parts.catalogue.find("silver")
    value = selectors_of(await flow_of(connector))[silver.id]
    assert (value["systemSegmentId"], value["namespace"]) == (silver.id, "CustomerAudienceUpload")


async def test_two_flows_of_one_name_are_not_chosen_from(connect, stub):
    stub.on("GET", f"{FLOWS}/flows", {"items": [{"id": "1", "name": "x"}, {"id": "2", "name": "x"}], "_links": {}})
    with pytest.raises(ConfigError, match="2 flows of one name"):
        await connect()._parts.flows.find("flows", "x")


async def test_objects_of_the_flow_service_are_listed_by_their_tokens(connect, stub):
    stub.then({"items": [{"id": "1"}], "_links": {"next": {"href": f"{FLOWS}/flows?continuationToken=abc"}}})
    stub.then({"items": [{"id": "2"}], "_links": {}})
    assert [each["id"] async for each in connect()._parts.flows.all("flows")] == ["1", "2"]
    assert stub.queries[1] == [("limit", "2"), ("continuationToken", "abc")]
