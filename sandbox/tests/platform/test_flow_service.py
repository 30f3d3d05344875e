"""The flow service (sandbox 5.6, rtcdp 6.8)."""

import re

import pytest

from .conftest import CAMPAIGN_SPEC, FLOWS

TYPES = ("connections", "sourceConnections", "targetConnections", "flows")
CONNECTION = {
    "name": "S3",
    "auth": {"specName": "S3", "params": {"accessId": "a", "secretKey": "hidden"}},
    "connectionSpec": CAMPAIGN_SPEC,
}


async def test_specifications_of_connections_are_listed(caller):
    listed = await caller.get(f"{FLOWS}/connectionSpecs")
    assert all(each["id"] and each["name"] for each in listed["items"])
    assert listed["_links"] == {}
    one = await caller.get(f"{FLOWS}/connectionSpecs/{CAMPAIGN_SPEC['id']}")
    assert one["items"][0]["name"] == "Adobe Campaign"
    assert "upsToCampaign" in {each["name"] for each in (await caller.get(f"{FLOWS}/flowSpecs"))["items"]}


@pytest.mark.parametrize("kind", TYPES)
async def test_an_object_is_made_and_shown_in_a_list_of_one(caller, kind):
    body = {"name": f"one of {kind}", "data": {"schema": None}, "params": {}, "transformations": []}
    status, made = await caller.ask("POST", f"{FLOWS}/{kind}", body)
    assert status == 201
    assert re.fullmatch(r'"[\w-]+"', made["etag"])
    shown = await caller.get(f"{FLOWS}/{kind}/{made['id']}")
    assert [each["name"] for each in shown["items"]] == [f"one of {kind}"]
    assert shown["items"][0]["etag"] == made["etag"]


async def test_any_listed_specification_goes_with_any_authentication(caller):
    for each in (await caller.get(f"{FLOWS}/connectionSpecs"))["items"]:
        body = CONNECTION | {"connectionSpec": {"id": each["id"], "version": "1.0"}}
        assert (await caller.ask("POST", f"{FLOWS}/connections", body))[0] == 201
    wrong = CONNECTION | {"connectionSpec": {"id": "unheard", "version": "1.0"}}
    status, answer = await caller.ask("POST", f"{FLOWS}/connections", wrong)
    assert (status, answer["message"]) == (400, "Please provide a valid spec id")


async def test_secrets_of_a_connection_are_not_shown(caller):
    id_ = (await caller.post(f"{FLOWS}/connections", CONNECTION))["id"]
    assert "hidden" not in str(await caller.get(f"{FLOWS}/connections/{id_}"))


async def test_runs_are_of_a_flow_and_are_filtered_by_it(caller):
    flows = [(await caller.post(f"{FLOWS}/flows", {"name": name}))["id"] for name in ("a", "b")]
    runs = [(await caller.post(f"{FLOWS}/runs", {"flowId": flow, "status": "active"}))["id"] for flow in flows]
    assert (await caller.get(f"{FLOWS}/runs/{runs[0]}"))["items"][0]["flowId"] == flows[0]
    listed = (await caller.get(f"{FLOWS}/runs?property=flowId=={flows[1]}"))["items"]
    assert [each["id"] for each in listed] == [runs[1]]


async def test_pages_go_on_by_a_token_that_stands_alone(caller):
    names = [f"c{number}" for number in range(7)]
    for name in names:
        await caller.post(f"{FLOWS}/connections", CONNECTION | {"name": name})
    found, path = [], f"{FLOWS}/connections?limit=3&count=true"
    for _ in range(3):
        page = await caller.get(path)
        found += [each["name"] for each in page["items"]]
        assert page["count"] == 7
        if page["_links"]:
            href = page["_links"]["next"]["href"]
            assert re.fullmatch(r"/data/foundation/flowservice/connections\?continuationToken=[\w-]+", href)
            path = f"{href}&limit=3&count=true"
    assert (found, page["_links"]) == (names, {})


async def test_lists_are_sorted_both_ways(caller):
    for name in ("b", "c", "a"):
        await caller.post(f"{FLOWS}/flows", {"name": name})
    page = await caller.get(f"{FLOWS}/flows?orderby=-name&limit=2")
    token = page["_links"]["next"]["href"].rpartition("=")[2]
    rest = await caller.get(f"{FLOWS}/flows?orderby=-name&limit=2&continuationToken={token}")
    assert [each["name"] for each in page["items"] + rest["items"]] == ["c", "b", "a"]
    assert (await caller.ask("GET", f"{FLOWS}/flows?continuationToken=nonsense"))[0] == 400


async def test_a_change_needs_the_etag_of_the_newest_version(caller):
    made = await caller.post(f"{FLOWS}/flows", {"name": "a"})
    address, steps = f"{FLOWS}/flows/{made['id']}", [{"op": "replace", "path": "/name", "value": "b"}]
    assert (await caller.ask("PATCH", address, steps))[0] == 400
    status, changed = await caller.ask("PATCH", address, steps, If_Match=made["etag"])
    assert (status, changed["id"]) == (200, made["id"])
    assert changed["etag"] != made["etag"]
    status, answer = await caller.ask("PATCH", address, steps, If_Match=made["etag"])
    assert status == 412
    assert answer["errorMessage"].startswith("Supplied version=[")


async def test_a_connection_that_is_used_stays(caller):
    base = (await caller.post(f"{FLOWS}/connections", CONNECTION))["id"]
    target = (await caller.post(f"{FLOWS}/targetConnections", {"name": "t", "baseConnectionId": base}))["id"]
    status, answer = await caller.ask("DELETE", f"{FLOWS}/connections/{base}")
    assert (status, answer["errorDetails"]) == (409, "CONFLICT")
    assert await caller.ask("DELETE", f"{FLOWS}/targetConnections/{target}") == (204, None)
    assert await caller.ask("DELETE", f"{FLOWS}/connections/{base}") == (204, None)
    assert (await caller.ask("GET", f"{FLOWS}/connections/{base}"))[0] == 404


async def test_an_object_may_not_name_one_that_is_not_there(caller):
    status, answer = await caller.ask("POST", f"{FLOWS}/flows", {"name": "f", "sourceConnectionIds": ["nothing"]})
    assert (status, "sourceConnectionIds" in answer["message"]) == (400, True)


async def test_a_flow_is_disabled_and_enabled(caller):
    id_ = (await caller.post(f"{FLOWS}/flows", {"name": "f"}))["id"]
    for op, state in (("DISABLE", "disabled"), ("enable", "enabled")):
        assert (await caller.ask("POST", f"{FLOWS}/flows/{id_}/action?op={op}"))[0] == 200
        assert (await caller.get(f"{FLOWS}/flows/{id_}"))["items"][0]["state"] == state
    assert (await caller.ask("POST", f"{FLOWS}/flows/{id_}/action?op=x"))[0] == 400


async def test_deletes_may_answer_202(calling):
    async with calling(flow_deletes_answer_202=True) as caller:
        id_ = (await caller.post(f"{FLOWS}/flows", {"name": "f"}))["id"]
        assert (await caller.ask("DELETE", f"{FLOWS}/flows/{id_}"))[0] == 202
