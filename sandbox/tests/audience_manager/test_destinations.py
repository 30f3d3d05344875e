"""Destinations (audience-manager 1.3, 1.4)."""

import pytest

COOKIE = {
    "name": "A cookie",
    "destinationType": "ADS",
    "adServerTypeID": 1,
    "cookieName": "adobe",
    "cnameDomain": "example.org",
    "maxSize": "2048",
    "ttl": "0",
    "domainRestrictions": "inclusion",
    "siteIDs": [312],
    "formatType": "single_key",
    "singleKey": "key",
    "keySeparator": "=",
    "valueSeparator": ",",
    "serializationEnabled": False,
}


async def test_a_destination_for_urls_is_made_of_little(api):
    body = await api.made(
        "/destinations/", name="d", description="", destinationType="PUSH", serializationEnabled=False
    )
    documented = {"destinationType": "PUSH", "dataSourceId": None, "startDate": None, "endDate": None, "mappings": None}
    assert documented.items() <= body.items()
    assert body["tagType"] == 0
    assert body["urlFormatString"] is None
    assert (await api.get(f"/destinations/{body['destinationId']}")).body == body


async def test_a_destination_for_cookies_takes_numbers_as_text(api):
    body = await api.made("/destinations/", **COOKIE)
    assert (body["maxSize"], body["ttl"], body["siteIDs"], body["transferMethod"]) == (2048, 0, [312], 0)
    assert body["domainRestrictions"] == "inclusion"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"destinationType": "PUSH"}, "name: is missing"),
        ({"name": "d"}, "destinationType: is missing"),
        ({"name": "d", "destinationType": "S2S"}, "destinationType: is S2S"),
        (
            {"name": "d", "destinationType": "PUSH", "serializationEnabled": True, "delimiter": ","},
            "urlFormatString: is missing",
        ),
        (
            {"name": "d", "destinationType": "PUSH", "serializationEnabled": "often"},
            "serializationEnabled: is of another type",
        ),
        ({"name": "d", "destinationType": "PUSH", "dataSourceId": 999}, "dataSourceId: is unknown"),
        ({"name": "d", "destinationType": "PUSH", "dataExportLabels": ["X"]}, "dataExportLabels: X is unknown"),
        (COOKIE | {"singleKey": None}, "singleKey: is missing"),
        (COOKIE | {"maxSize": "large"}, "maxSize: is no number"),
        (COOKIE | {"serializationEnabled": True}, "serializationSeparator: is missing"),
    ],
)
async def test_what_does_not_fit_is_told_by_member(api, body, error):
    answer = await api.post("/destinations/", body)
    assert (answer.status, answer.body["errors"]) == (400, [error])


async def test_one_between_servers_is_read_and_changed_and_stays_what_it_is(api):
    assert (await api.get("/destinations/4711")).body["destinationType"] == "S2S"
    changed = await api.put("/destinations/4711", {"name": "Renamed"})
    assert (changed.status, changed.body["name"], changed.body["dataSourceId"]) == (200, "Renamed", 38888)
    assert (await api.put("/destinations/4711", {"destinationType": "PUSH"})).status == 400


async def test_lists_are_without_details(api):
    number = await api.destination()
    rows = (await api.get("/destinations/")).body
    assert [row["destinationId"] for row in rows] == [4711, number]
    assert not {"tagType", "mappings"} & rows[1].keys()


async def test_lists_are_narrowed_by_segment(api):
    await api.destination()
    sid = await api.segment("1024T")
    assert [row["destinationId"] for row in (await api.get("/destinations/", containsSegment="24")).body] == [4711]
    assert (await api.get("/destinations/", containsSegment=str(sid))).body == []


async def test_more_is_told_if_asked_for(api):
    asked = {"includeMappings": "true", "includeMasterDataSourceIdType": "true", "includeMetrics": "true"}
    body = (await api.get("/destinations/4711", **asked)).body
    assert [each["sid"] for each in body["mappings"]] == [24, 25]
    assert (body["masterDataSourceIdType"], body["mappedSegments"]) == ("COOKIE", 2)
    [row] = (await api.get("/destinations/", includeMasterDataSourceIdType="1")).body
    assert row["masterDataSourceIdType"] == "COOKIE"


async def test_one_with_mappings_cannot_be_deleted(api):
    answer = await api.delete("/destinations/4711")
    assert (answer.status, answer.body["errors"]) == (409, ["4711: has mappings"])
    number = await api.destination()
    assert (await api.post("/destinations/bulk-delete/", [number, 4711])).status == 409
    for mapping in (await api.get("/destinations/4711/mappings")).body:
        await api.delete(f"/destinations/4711/mappings/{mapping['destinationMappingId']}")
    assert (await api.delete("/destinations/4711")).status == 204
    assert (await api.post("/destinations/bulk-delete/", [number])).status == 204
    assert (await api.get("/destinations/")).body == []


async def test_no_more_are_made_than_the_limits_allow(calling):
    async with calling({"most_destinations": 1}) as api:
        assert (await api.post("/destinations/", {"name": "d", "destinationType": "PUSH"})).status == 409
        assert (await api.get("/destinations/limits")).body["s2sDestinations"] == {"limit": 100, "count": 1}


async def test_platforms_are_listed(api):
    platforms = (await api.get("/destinations/configurations/available-platforms/")).body
    assert platforms == ["BROWSER", "ANDROID", "iOS", "ALL"]
