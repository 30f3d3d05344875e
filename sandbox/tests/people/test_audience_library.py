"""The Audience Library over Audience Manager's objects, through a whole sandbox."""

import pytest
from audience_gateway_sandbox.audience_manager.objects import DataSource
from audience_gateway_sandbox.people import audience_library

LIBRARY = "/sandbox/audience-library"
MID, CRM = 38888, 38889
DAY = 86400


async def aam(guest, verb, path, body=None):
    headers = {"Authorization": f"Bearer {await guest.token()}", "x-api-key": guest.ready["ims"]["client_id"]}
    headers["x-gw-ims-org-id"] = guest.ready["ims"]["org_id"]
    url = f"{guest.ready['audience_manager']['url']}/v1{path}"
    async with guest.http.request(verb, url, json=body, headers=headers) as response:
        return await response.json()


async def test_segments_appear_in_the_library_by_themselves(guest):
    _, found = await guest.get(LIBRARY)
    first = found["audiences"][0]
    assert (first["id"], first["traitId"], first["title"]) == (24, 1024, "Shared audience")
    assert (first["source"], first["dataSourceId"], first["active"]) == ("Experience Cloud", MID, True)
    assert first["author"] == "aam-integration-user@adobe.com"


async def test_a_shared_audience_is_a_segment_over_an_onboarded_trait_that_the_destination_gets(guest):
    status, made = await guest.post(LIBRARY, {"title": "Gold", "description": "Our best", "dataSourceId": MID})
    segment = await aam(guest, "GET", f"/segments/{made['id']}")
    trait = await aam(guest, "GET", f"/traits/{made['traitId']}")
    mappings = await aam(guest, "GET", "/destinations/4711/mappings/")
    assert (status, segment["segmentRule"], segment["description"]) == (201, f"{made['traitId']}T", "Our best")
    assert (trait["traitType"], trait["dataSourceId"]) == ("ON_BOARDED_TRAIT", MID)
    assert made["id"] in {mapping["sid"] for mapping in mappings}


async def test_what_others_make_in_audience_manager_is_audience_managers_or_analytics(guest):
    source = await aam(guest, "POST", "/datasources/", {"name": "Own", "integrationCode": "own"})
    number = source["dataSourceId"]
    trait = await aam(
        guest,
        "POST",
        "/traits/",
        {"name": "T", "traitType": "RULE_BASED_TRAIT", "dataSourceId": number, "folderId": 0, "traitRule": 'a == "b"'},
    )
    body = {"name": "S", "segmentRule": f"{trait['sid']}T", "dataSourceId": number, "folderId": 0}
    segment = await aam(guest, "POST", "/segments/", body)
    _, row = await guest.get(f"{LIBRARY}/{segment['sid']}")
    assert (row["source"], row["traitId"]) == ("Audience Manager", 0)
    assert "@" in row["author"]


async def test_a_size_is_an_estimate_for_thirty_days(guest):
    _, young = await guest.get(f"{LIBRARY}/24")
    await guest.post("/sandbox/clock", {"advance_seconds": 31 * DAY})
    _, old = await guest.get(f"{LIBRARY}/24")
    assert (young["sizeIsEstimate"], old["sizeIsEstimate"]) == (True, False)


async def test_analytics_shares_no_more_than_it_may(guest, monkeypatch):
    monkeypatch.setattr(audience_library, "MOST_FROM_ANALYTICS", 1)
    store = guest.sandbox.instance.audience_manager.store
    now = guest.sandbox.instance.now()
    suite = store.data_sources.create(DataSource(name="Suite", report_suite=True, create_time=now, update_time=now))
    body = {"title": "Visitors", "dataSourceId": suite.data_source_id}
    status, made = await guest.post(LIBRARY, body)
    assert (status, made["source"]) == (201, "Analytics")
    assert (await guest.post(LIBRARY, body))[0] == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"title": "Gold", "dataSourceId": 1}, 409),
        ({"title": "", "dataSourceId": CRM}, 409),
        ({"title": "x" * 256, "dataSourceId": CRM}, 409),
        ({"title": "Gold"}, 400),
        ([], 400),
    ],
)
async def test_what_cannot_be_shared_is_refused(guest, body, status):
    assert (await guest.post(LIBRARY, body))[0] == status


async def test_an_unknown_audience_is_not_found(guest):
    assert (await guest.get(f"{LIBRARY}/999"))[0] == 404
