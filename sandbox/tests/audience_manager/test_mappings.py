"""Segments mapped to destinations (audience-manager 1.3, 1.4, 9)."""

import pytest

DAY = "2026-03-01"


async def unmapped(api, **fields):
    return await api.segment("1024T", **fields)


async def test_a_segment_is_mapped_to_a_url(api):
    number, sid = await api.destination(), await unmapped(api, name="Games", description="Players")
    body = await api.made(
        f"/destinations/{number}/mappings/", sid=sid, traitType="SEGMENT", url="https://example.org", startDate=DAY
    )
    documented = {
        "traitType": "SEGMENT",
        "traitValue": 0,
        "elementStatus": "active",
        "endDate": None,
        "secureUrl": None,
    }
    assert documented.items() <= body.items()
    assert (body["elementName"], body["elementDescription"], body["startDate"]) == ("Games", "Players", DAY)
    read = (await api.get(f"/destinations/{number}/mappings/{body['mappingId']}")).body
    assert read == body
    [listed] = (await api.get(f"/destinations/{number}/mappings")).body
    assert listed["destinationMappingId"] == body["mappingId"]


async def test_the_alias_is_the_url_of_a_serialized_destination(api):
    url = {"urlFormatString": "https://example.org/?d=%ALIAS%", "delimiter": ","}
    number = await api.destination(serializationEnabled=True, **url)
    body = await api.made(
        f"/destinations/{number}/traits/", sid=24, traitType="SEGMENT", startDate=DAY, traitAlias="123"
    )
    assert (body["url"], body["secureUrl"], body["traitAlias"]) == ("123", "123", "123")


async def test_a_segment_is_mapped_between_servers_by_its_alias(api):
    sid = await unmapped(api)
    body = await api.made("/destinations/4711/mappings/", sid=sid, traitType="SEGMENT", startDate=DAY, traitAlias="123")
    assert body["destinationMappingId"] > 0
    assert not {"url", "valueAlias"} & body.keys()


async def test_a_segment_is_mapped_to_a_cookie_by_the_value(api):
    cookie = {"destinationType": "ADS", "cookieName": "c", "singleKey": "k"}
    number = await api.destination(**cookie)
    body = await api.made(f"/destinations/{number}/mappings/", sid=24, startDate=DAY, valueAlias="123")
    assert (body["valueAlias"], body["traitAlias"]) == ("123", None)
    keys = await api.destination(**cookie, formatType="key_value")
    refused = await api.post(f"/destinations/{keys}/mappings/", {"sid": 24, "startDate": DAY, "valueAlias": "1"})
    assert refused.body["errors"] == ["traitAlias: is missing"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"sid": None}, "sid: is missing"),
        ({"sid": 999}, "sid: is unknown"),
        ({"startDate": None}, "startDate: is missing"),
        ({"startDate": "today"}, "startDate: Input should be a valid date or datetime"),
        ({"endDate": "2026-02-01"}, "endDate: is before startDate"),
        ({"traitAlias": None}, "traitAlias: is missing"),
        ({"traitType": "ON_BOARDED_TRAIT"}, "traitType: is not SEGMENT"),
    ],
)
async def test_what_does_not_fit_is_told_by_member(api, fields, error):
    body = {"sid": await unmapped(api), "startDate": DAY, "traitAlias": "1"} | fields
    answer = await api.post("/destinations/4711/mappings/", body)
    assert answer.status == 400
    assert answer.body["errors"][0].startswith(error)


async def test_a_segment_is_mapped_once(api):
    answer = await api.post("/destinations/4711/mappings/", {"sid": 24, "startDate": DAY, "traitAlias": "1"})
    assert (answer.status, answer.body["errors"]) == (409, ["sid: is mapped"])


async def test_several_are_mapped_in_one_call_or_none(api):
    number, first, second = await api.destination(), await unmapped(api), await unmapped(api)
    bodies = [
        {"sid": sid, "traitType": "SEGMENT", "url": "https://example.org", "startDate": DAY} for sid in (first, second)
    ]
    refused = await api.post(f"/destinations/{number}/bulk-create", [*bodies, bodies[0]])
    assert refused.status == 409
    assert (await api.get(f"/destinations/{number}/mappings")).body == []
    answer = await api.post(f"/destinations/{number}/bulk-create", bodies)
    assert (answer.status, [each["sid"] for each in answer.body]) == (201, [first, second])
    assert (await api.post(f"/destinations/{number}/bulk-create", [7])).status == 400


async def test_a_mapping_is_changed_by_its_own_address(api):
    mapping = (await api.get("/destinations/4711/mappings")).body[0]["destinationMappingId"]
    body = (await api.put(f"/destinations/mappings/{mapping}", {"endDate": "2099-01-01", "traitAlias": "new"})).body
    assert (body["mappingId"], body["sid"], body["endDate"], body["traitAlias"]) == (mapping, 24, "2099-01-01", "new")
    assert (await api.put(f"/destinations/mappings/{mapping}", {"sid": 25})).status == 409
    assert (await api.put("/destinations/mappings/999", {"sid": 24})).status == 404


@pytest.mark.parametrize("path", ["mappings", "segments"])
async def test_a_mapping_is_removed_by_either_address(api, path):
    number = await api.destination()
    mapping = (await api.get("/destinations/4711/mappings")).body[0]["destinationMappingId"]
    assert (await api.delete(f"/destinations/{number}/{path}/{mapping}")).status == 404
    assert (await api.delete(f"/destinations/4711/{path}/{mapping}")).status == 204
    assert [each["sid"] for each in (await api.get("/destinations/4711/mappings")).body] == [25]


async def mapped(api, sid, labels):
    number = await api.destination(dataExportLabels=labels)
    return await api.post(
        f"/destinations/{number}/mappings/", {"sid": sid, "startDate": DAY, "url": "https://example.org"}
    )


async def test_a_control_on_a_traits_data_source_blocks_where_the_label_meets_it(api):
    source = await api.data_source(dataExportRestrictions=["PII", "ON_SITE_ADS"])
    sid = await api.segment(f"1024T OR {await api.trait(dataSourceId=source)}T")
    blocked = await mapped(api, sid, ["PII", "OFF_SITE_ADS"])
    assert (blocked.status, blocked.body["errors"]) == (409, [f"data source {source}: PII"])
    assert (await mapped(api, sid, ["OFF_SITE_ADS"])).status == 201
    assert (await mapped(api, sid, [])).status == 201


async def test_a_control_on_the_segments_own_data_source_does_nothing(api):
    source = await api.data_source(dataExportRestrictions=["PII"])
    assert (await mapped(api, await unmapped(api, dataSourceId=source), ["PII"])).status == 201


async def test_a_control_on_the_merge_rule_or_its_data_sources_blocks(api):
    source = await api.data_source(supportsAuthenticatedProfile=True, dataExportRestrictions=["PII"])
    rule = {"name": "r", "authenticated": "LAST_AUTHENTICATED", "authenticatedSourceIds": [source]}
    made = await api.call(
        "POST", "/sandbox/audience-manager/merge-rules", rule | {"dataExportRestrictions": ["ON_SITE_ADS"]}
    )
    number = made.body["dataSourceId"]
    sid = await unmapped(api, mergeRuleDataSourceId=number)
    assert (await mapped(api, sid, ["PII"])).body["errors"] == [f"data source {source}: PII"]
    assert (await mapped(api, sid, ["ON_SITE_ADS"])).body["errors"] == [f"data source {number}: ON_SITE_ADS"]
    assert (await mapped(api, await unmapped(api), ["PII", "ON_SITE_ADS"])).status == 201
