"""Data sources (audience-manager 1.3, 1.4)."""

import pytest


async def test_a_name_is_enough_and_the_rest_is_as_documented(api):
    body = await api.made("/datasources/", name="CRM", integrationCode="crm", uniqueTraitIntegrationCodes=True)
    assert body["uniqueTraitIntegrationCodes"] is True
    assert body["status"] == "ACTIVE"
    assert body["customerProfileDataRetention"] == 62208000
    assert body["createTime"] == body["updateTime"]
    assert body["crUID"] == body["upUID"] > 0
    documented = {"useAudienceManagerVisitorID", "masterDataSourceIdProvider", "samplingStartTime", "containerIds"}
    assert body.keys() >= documented | {"inboundS2S", "outboundS2S", "linkNamespace", "subIdType", "pid"}


async def test_those_of_others_are_listed_if_asked_for(api):
    own = {row["dataSourceId"] for row in (await api.get("/datasources/")).body}
    everybodys = {row["dataSourceId"] for row in (await api.get("/datasources/", includeThirdParty="true")).body}
    assert everybodys - own == {20914, 20915, 121963, 488258, 1171485, 389146, 963906, 1171489}


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"integrationCode": "shop"}, {"integrationCode": "shop"}),
        ({"inboundOnly": "true"}, {"inboundS2S": True}),
        ({"outboundOnly": "true"}, {"outboundS2S": True}),
        ({"modelingEnabled": "true"}, {"modelingEnabled": True}),
    ],
)
async def test_lists_are_narrowed(api, asked, fields):
    wanted = await api.data_source(name="wanted", **fields)
    other = await api.data_source(name="other")
    numbers = {row["dataSourceId"] for row in (await api.get("/datasources/", **asked)).body}
    assert wanted in numbers
    assert other not in numbers


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"excludeReportSuites": "true"}, {"reportSuite": True}),
        ({"availableForContainersOnly": "1"}, {"containerIds": [7]}),
    ],
)
async def test_some_are_left_out_if_asked_for(api, asked, fields):
    number = await api.data_source(**fields)
    assert number in {row["dataSourceId"] for row in (await api.get("/datasources/")).body}
    assert number not in {row["dataSourceId"] for row in (await api.get("/datasources/", **asked)).body}


async def test_an_integration_code_is_of_one_data_source(api):
    number = await api.data_source(integrationCode="shop")
    assert (await api.post("/datasources/", {"name": "again", "integrationCode": "shop"})).status == 409
    assert (await api.put(f"/datasources/{number}", {"integrationCode": "shop", "name": "kept"})).status == 200


async def test_a_change_leaves_what_it_does_not_name_and_tells_when_it_was(api):
    number = await api.data_source(integrationCode="shop", inboundS2S=True)
    before = (await api.get(f"/datasources/{number}")).body
    await api.guest.post("/sandbox/clock", {"advance_seconds": 60})
    after = (await api.put(f"/datasources/{number}", {"description": "changed"})).body
    assert after["updateTime"] - before["updateTime"] >= 60_000
    assert after | {"updateTime": 0} == before | {"description": "changed", "updateTime": 0}


async def test_errors_are_sampled_for_fourteen_days_from_when_it_is_switched_on(api):
    number = await api.data_source()
    body = (await api.put(f"/datasources/{number}", {"samplingEnabled": True})).body
    assert body["samplingEndTime"] - body["samplingStartTime"] == 14 * 86_400_000
    assert (await api.put(f"/datasources/{number}", {"description": "x"})).body["samplingEndTime"] == body[
        "samplingEndTime"
    ]


async def test_several_are_deleted_in_one_call_or_none(api):
    first, second, used = [await api.data_source() for _ in range(3)]
    await api.trait(dataSourceId=used)
    refused = await api.post("/datasources/bulk-delete", [first, used])
    assert (refused.status, refused.body["errors"]) == (409, [f"{used}: 1 traits"])
    assert (await api.get(f"/datasources/{first}")).status == 200
    answer = await api.post("/datasources/bulk-delete/", [first, str(second)])
    assert (answer.status, answer.text) == (204, "")
    assert (await api.get(f"/datasources/{second}")).status == 404
    assert (await api.post("/datasources/bulk-delete", [first])).status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_those_of_others_cannot_be_changed(api, method):
    assert (await api.call(method, "/v1/datasources/20914", {"name": "mine"})).status == 403


async def test_those_that_merge_rules_and_destinations_need_cannot_be_deleted(api):
    assert (await api.delete("/datasources/38890")).body["errors"] == ["38890: 1 merge rules"]
    assert (await api.delete("/datasources/38889")).body["errors"] == ["38889: 1 merge rules"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "x", "dataExportRestrictions": ["SECRET"]}, "dataExportRestrictions: SECRET is unknown"),
        ({"name": "x", "type": "MERGE_RULE"}, "type: is MERGE_RULE"),
        ({"name": "x" * 256}, "name: is too long"),
        ({"name": 7}, "name: Input should be a valid string"),
        ({"name": "x", "containerIds": "many"}, "containerIds: Input should be a valid tuple"),
        ({"name": "x", "customerProfileDataRetention": 10**30}, "customerProfileDataRetention: is too large"),
    ],
)
async def test_what_does_not_fit_is_told_by_member(api, body, error):
    answer = await api.post("/datasources/", body)
    assert (answer.status, answer.body["errors"]) == (400, [error])


async def test_the_types_of_ids_are_listed(api):
    types = (await api.get("/datasources/configurations/available-id-types")).body
    assert "CROSS_DEVICE" in types
