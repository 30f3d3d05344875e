"""Every request of the Customer Data API that an emulator must answer (sandbox 4.2), over real sockets."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from yarl import URL

MID = "59767559181262060060278870901087098252"
DECLARED, VISITORS = 38889, 38888


@dataclass(frozen=True)
class Caller:
    guest: Any
    headers: Any

    async def send(self, method, path, headers=None, **arguments):
        url = URL(self.guest.ready["audience_manager"]["url"] + path, encoded=True)
        async with self.guest.http.request(method, url, headers=headers or self.headers, **arguments) as response:
            return response.status, await response.json()

    async def traits_of(self, source, value):
        status, body = await self.send("GET", f"/profile/{source}/{value}")
        return [trait["id"] for trait in body["profile"]["data"]["traits"]] if status == 200 else status


@pytest.fixture
def calling(visiting):
    @asynccontextmanager
    async def call(**assumptions):
        async with visiting(assumptions=Assumptions(**assumptions)) as guest:
            ims = guest.ready["ims"]
            token = await guest.token()
            headers = {"x-api-key": ims["client_id"], "x-gw-ims-org-id": ims["org_id"]}
            yield Caller(guest, headers | {"Authorization": f"Bearer {token}"})

    return call


@pytest.fixture
async def caller(calling):
    async with calling() as caller:
        yield caller


def org(caller):
    return caller.guest.ready["ims"]["org_id"]


async def test_get_event_s2s(caller):
    query = f"d_orgid={org(caller)}&d_sid=1024&d_sid=1025&d_cid={DECLARED}%2501crm-9"
    status, body = await caller.send("GET", f"/event/s2s/crm123?{query}")
    assert (status, body["status"], body["errors"]) == (200, "SUCCESS", [])
    assert await caller.traits_of(DECLARED, "crm-9") == [1024, 1025]


async def test_get_event_s2s_of_data_sources_and_traits_that_there_are_not(caller):
    status, _ = await caller.send("GET", f"/event/s2s/1?d_orgid={org(caller)}&d_sid=24&d_cid=4711%2501crm-9")
    assert status == 200
    assert await caller.traits_of(4711, "crm-9") == []


@pytest.mark.parametrize("kind", ["form", "json"])
async def test_post_event_s2s(caller, kind):
    fields = {"d_orgid": org(caller), "d_sid": ["1024", "1025"], "d_cid": f"{DECLARED}%01crm-9"}
    if kind == "form":
        sids = [("d_sid", sid) for sid in fields.pop("d_sid")]
        sent = {"data": [*fields.items(), *sids]}
    else:
        sent = {"json": fields}
    status, body = await caller.send("POST", "/event/s2s/crm123", **sent)
    assert (status, body["status"]) == (200, "SUCCESS")
    assert await caller.traits_of(DECLARED, "crm-9") == [1024, 1025]


async def test_post_stream_with_the_documented_object(caller):
    body = {
        "tracing_id": "mine",
        "ops": [
            {
                "identities": [{"dataSourceId": DECLARED, "value": "crm-9"}, {"namespaceCode": "ECID", "value": MID}],
                "traitInput": {"traitIds": [1024]},
                "routingHint": {"profileLocationId": [6]},
            },
            {
                "identities": [{"integrationCode": "AdobeCampaignID", "value": "crm-10"}],
                "traitInput": {"traitIds": [1025]},
            },
        ],
    }
    status, answer = await caller.send("POST", "/stream/crm123", json=body)
    assert (status, answer["status"], answer["tracingId"]) == (200, "SUCCESS", "mine")
    assert await caller.traits_of(DECLARED, "crm-9") == [1024]
    assert await caller.traits_of(DECLARED, "crm-10") == [1025]
    assert await caller.traits_of(VISITORS, MID) == []


async def test_post_stream_with_a_bare_array(caller):
    status, answer = await caller.send(
        "POST", "/stream/crm123", json=[{"d_cid": f"{DECLARED}%01crm-9", "d_sid": ["1024"]}]
    )
    assert (status, answer["status"]) == (200, "SUCCESS")
    assert await caller.traits_of(DECLARED, "crm-9") == [1024]


async def test_get_profile_of_a_known_user(caller):
    await caller.send("POST", "/stream/s", json=[{"d_cid": f"{DECLARED}%01crm-9", "d_sid": ["1024"], "d_mid": MID}])
    status, body = await caller.send("GET", f"/profile/{DECLARED}/crm-9?filter[regionId]=7,9")
    summary = {"firstPartyTraitsCount": 1, "thirdPartyTraitsCount": 0, "segmentsCount": 1}
    assert status == 200
    assert body["summaries"] == [
        {"regionId": "7", "source": source, "profileSummary": summary} for source in ("REALTIME", "BACKEND")
    ]
    profile = body["profile"]
    assert (profile["id"], profile["namespace"]["integration code"]) == ("crm-9", "AdobeCampaignID")
    assert [each["id"] for each in profile["data"]["segments"]] == [24]
    assert [link["namespace"]["id"] for link in profile["links"]] == ["0"]
    assert (await caller.send("GET", f"/profile/{DECLARED}/crm-9?filter[regionId]=3"))[1]["summaries"] == []


@pytest.mark.parametrize("path", [f"/profile/{DECLARED}/nobody", "/profile/abc/nobody", "/profile/0/12"])
async def test_get_profile_of_an_unknown_user(caller, path):
    status, body = await caller.send("GET", path)
    assert status == 404
    assert isinstance(body, dict)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/event/s2s/1?d_sid=1"), ("POST", "/stream/1"), ("GET", f"/profile/{DECLARED}/x")]
)
async def test_an_invalid_token_is_a_401_with_an_object(caller, method, path):
    status, body = await caller.send(method, path, caller.headers | {"Authorization": "Bearer a.b.c"})
    assert status == 401
    assert isinstance(body, dict)


async def test_d_orgid_has_to_be_the_organization_of_the_header(caller):
    status, body = await caller.send("GET", f"/event/s2s/1?d_orgid={'0' * 24}@AdobeOrg&d_cid={DECLARED}%2501crm-9")
    assert (status, body["status"]) == (400, "BAD_REQUEST")
    assert await caller.traits_of(DECLARED, "crm-9") == 404


@pytest.mark.parametrize("slashes", ["//stream//crm123", "/stream/crm123/"])
async def test_slashes_do_not_count(caller, slashes):
    status, _ = await caller.send("POST", slashes, json=[{"d_cid": f"{DECLARED}%01crm-9"}])
    assert status == 200


async def test_what_an_operation_does_to_the_traits_that_a_profile_has(caller):
    async def send(**operation):
        identities = [{"dataSourceId": DECLARED, "value": "crm-9"}]
        return await caller.send("POST", "/stream/s", json={"ops": [{"identities": identities, **operation}]})

    await send(traitInput={"traitIds": [1024, 1025]})
    await send(traitInput={"traitIds": [1024]}, operationType="DELETE")
    assert await caller.traits_of(DECLARED, "crm-9") == [1025]
    await send(traitInput={"traitIds": [1024]}, operationType="OVERWRITE", targetDataSource=[VISITORS])
    assert await caller.traits_of(DECLARED, "crm-9") == [1024]
    status, answer = await send(traitInput={"traitIds": [1025]}, operationType="OVERWRITE")
    assert (status, answer["errors"][0]["operationIndex"]) == (400, 1)


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({}, "no operations"),
        ({"ops": []}, "no operations"),
        ({"ops": ["x"]}, "no object"),
        ({"ops": [{"identities": []}]}, "no identity"),
        ({"ops": [{"identities": [{"dataSourceId": "x", "value": "1"}]}]}, "number"),
        ({"ops": [{"identities": [{"integrationCode": "x", "value": "1"}]}]}, "integration code"),
        ({"ops": [{"identities": [{"dataSourceId": 0, "value": "1"}]}]}, "not valid"),
        ({"ops": [{"identities": [{"namespaceCode": "ECID", "value": "1"}]}]}, "not valid"),
        ([{"d_cid": "38889-x"}], "d_cid"),
        ([{"d_cid": "38889%01x", "d_ws": "merge"}], "APPEND"),
        ([{"d_cid": "38889%01x", "d_sid": ["a"]}], "number"),
    ],
)
async def test_a_bad_operation_is_told_with_what_is_wrong_and_without_its_ids(caller, body, finding):
    status, answer = await caller.send("POST", "/stream/s", json=body)
    assert (status, answer["status"]) == (400, "BAD_REQUEST")
    assert finding in answer["errors"][0]["details"][0]["message"]


async def test_good_operations_beside_a_bad_one_are_carried_out(caller):
    good, bad = {"d_cid": f"{DECLARED}%01crm-9", "d_sid": ["1024"]}, {"d_sid": ["1024"]}
    status, answer = await caller.send("POST", "/stream/s", json=[good, bad])
    assert (status, answer["status"]) == (200, "PARTIAL_SUCCESS")
    assert [error["operationIndex"] for error in answer["errors"]] == [2]
    assert await caller.traits_of(DECLARED, "crm-9") == [1024]


@pytest.mark.parametrize(("data", "finding"), [(b"{", "no JSON"), (b'"' + b"x" * 103_000 + b'"', "more than 102400")])
async def test_a_body_that_cannot_be_read_is_refused(caller, data, finding):
    status, answer = await caller.send("POST", "/stream/s", data=data)
    assert status == 400
    assert finding in answer["errors"][0]["details"][0]["message"]


async def test_the_name_of_a_stream_has_few_characters(caller):
    status, _ = await caller.send("POST", "/stream/a%20b", json=[{"d_cid": f"{DECLARED}%01x"}])
    assert status == 400


async def test_twenty_simultaneous_calls_are_all_answered(caller):
    async def write(number):
        return await caller.send("POST", "/stream/s", json=[{"d_cid": f"{DECLARED}%01p{number}", "d_sid": ["1024"]}])

    answers = await asyncio.gather(*map(write, range(20)))
    assert {status for status, _ in answers} == {200}
    assert [await caller.traits_of(DECLARED, f"p{number}") for number in range(20)] == [[1024]] * 20


async def test_who_has_opted_out_is_written_no_more(caller):
    async with caller.guest.http.get(
        URL(f"{caller.guest.ready['admin']['url']}/demoptout.jpg?d_cid={DECLARED}%01crm-9", encoded=True)
    ):
        pass
    status, answer = await caller.send("POST", "/stream/s", json=[{"d_cid": f"{DECLARED}%01crm-9", "d_sid": ["1024"]}])
    assert (status, answer["status"]) == (400, "BAD_REQUEST")


async def test_unknown_data_sources_are_refused_if_one_says_so(calling):
    async with calling(streams_take_unknown_sources=False) as caller:
        status, answer = await caller.send("POST", "/stream/s", json=[{"d_cid": "4711%01crm-9"}])
        assert (status, answer["status"]) == (400, "BAD_REQUEST")
