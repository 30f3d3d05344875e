"""What Adobe's people do, by addresses of the sandbox."""

import pytest

RULES = "/sandbox/audience-manager/merge-rules"
DESTINATIONS = "/sandbox/audience-manager/destinations"
LAST = {"name": "Shop", "authenticated": "LAST_AUTHENTICATED"}


async def test_a_merge_rule_is_a_data_source_that_segments_can_name(api):
    source = await api.data_source(supportsAuthenticatedProfile=True)
    body = (await api.call("POST", RULES, LAST | {"authenticatedSourceIds": [source], "isDefault": True})).body
    number = body["dataSourceId"]
    assert (await api.get(f"/datasources/{number}")).body["type"] == "MERGE_RULE"
    assert (await api.get(f"/segments/{await api.segment('1024T', mergeRuleDataSourceId=number)}")).status == 200
    rules = (await api.call("GET", RULES)).body
    assert [(each["dataSourceId"], each["isDefault"]) for each in rules] == [
        (38890, False),
        (38891, False),
        (number, True),
    ]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"authenticatedSourceIds": [38888]}, "authenticatedSourceIds: does not fit"),
        ({"authenticatedSourceIds": [999]}, "dataSourceId: is unknown"),
        ({"authenticatedSourceIds": []}, "body: Value error, A merge rule names data sources if"),
        ({"authenticated": "SOMETIMES"}, "authenticated: Input should be"),
        ({"device": "EXTERNAL_DEVICE_GRAPH", "deviceGraphSourceId": 38888}, "deviceGraphSourceId: does not fit"),
    ],
)
async def test_a_merge_rule_that_does_not_fit_is_a_400(api, fields, error):
    answer = await api.call("POST", RULES, LAST | {"authenticatedSourceIds": [38889]} | fields)
    assert answer.status == 400
    assert answer.body["errors"][0].startswith(error)


async def test_there_are_three_merge_rules_at_most(api):
    rule = {"name": "r", "authenticated": "CURRENT_AUTHENTICATED", "authenticatedSourceIds": [38889]}
    assert (await api.call("POST", RULES, rule)).status == 201
    assert (await api.call("POST", RULES, rule)).status == 409


async def test_a_destination_between_servers_is_made(api):
    answer = await api.call("POST", DESTINATIONS, {"name": "By declared ids", "dataSourceId": 38889})
    assert answer.status == 201
    body = (await api.get(f"/destinations/{answer.body['destinationId']}")).body
    assert (body["destinationType"], body["dataSourceId"]) == ("S2S", 38889)
    assert (await api.call("POST", DESTINATIONS, {"name": "Nobody's"})).status == 400


async def test_there_are_no_more_of_them_than_the_limits_allow(calling):
    async with calling({"most_s2s_destinations": 1}) as api:
        assert (await api.call("POST", DESTINATIONS, {"name": "d", "dataSourceId": 38889})).status == 409


async def test_rights_are_of_a_user_and_of_groups_that_are_there(api):
    me = (await api.get("/users/self")).body["userId"]
    path = "/sandbox/audience-manager/users"
    assert (await api.call("PUT", f"{path}/{me}", {"groups": [99]})).status == 400
    assert (await api.call("PUT", f"{path}/999", {"isAdmin": True})).status == 404
