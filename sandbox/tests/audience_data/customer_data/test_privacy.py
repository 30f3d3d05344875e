"""Jobs of the Privacy Service about Audience Manager, over real sockets."""

import pytest

DECLARED = 38889
MID = "59767559181262060060278870901087098252"


@pytest.fixture
async def call(guest):
    ims = guest.ready["ims"]
    headers = {
        "Authorization": f"Bearer {await guest.token()}",
        "x-api-key": ims["client_id"],
        "x-gw-ims-org-id": ims["org_id"],
    }

    async def called(method, path, body=None):
        url = guest.ready["admin"]["url"] + path
        async with guest.http.request(method, url, headers=headers, json=body) as response:
            return response.status, await response.json()

    operation = {"d_cid": f"{DECLARED}%01crm-9", "d_mid": MID, "d_sid": ["1024"]}
    assert (await called("POST", "/stream/s", [operation]))[0] == 200
    return called


def job(guest, *ids, action="delete", **others):
    user_ids = [{"namespace": namespace, "type": kind, "value": value} for namespace, kind, value in ids]
    body = {
        "companyContexts": [{"namespace": "imsOrgID", "value": guest.ready["ims"]["org_id"]}],
        "users": [{"key": "somebody", "action": [action], "userIDs": user_ids}],
        "include": ["AudienceManager"],
        "regulation": "gdpr",
    }
    return body | others


@pytest.mark.parametrize(
    "id_",
    [
        ("AdobeCampaignID", "integrationCode", "crm-9"),
        (str(DECLARED), "namespaceId", "crm-9"),
    ],
)
async def test_a_deletion_takes_traits_and_links_and_opts_out(guest, call, id_):
    status, body = await call("POST", "/data/core/privacy/jobs", job(guest, id_))
    assert (status, body["totalRecords"]) == (202, 1)
    _, told = await call("GET", f"/data/core/privacy/jobs/{body['jobs'][0]['jobId']}")
    assert (told["status"], told["userKey"], told["action"]) == ("complete", "somebody", "delete")
    assert told["productResponses"][0]["productStatusResponse"]["results"] == [{"profiles": 2}]
    _, view = await call("GET", f"/profile/{DECLARED}/crm-9")
    assert (view["profile"]["data"]["traits"], view["profile"]["links"]) == ([], [])
    assert (await call("POST", "/stream/s", [{"d_mid": MID, "d_sid": ["1024"]}]))[0] == 400


@pytest.mark.parametrize("id_", [("ECID", "standard", MID), ("4", "namespaceId", MID)])
async def test_an_access_tells_what_is_kept(guest, call, id_):
    _, body = await call("POST", "/data/core/privacy/jobs", job(guest, id_, action="access"))
    _, told = await call("GET", f"/data/core/privacy/jobs/{body['jobs'][0]['jobId']}")
    [profile] = told["productResponses"][0]["productStatusResponse"]["results"]
    assert (profile["id"], [link["id"] for link in profile["links"]]) == (MID, ["crm-9"])


async def test_nobody_who_is_known_is_a_job_without_results(guest, call):
    unknown = [("ECID", "standard", f"{1:038d}"), ("no code", "integrationCode", "x"), ("x", "custom", "y")]
    _, body = await call("POST", "/data/core/privacy/jobs", job(guest, *unknown))
    _, told = await call("GET", f"/data/core/privacy/jobs/{body['jobs'][0]['jobId']}")
    assert told["productResponses"][0]["productStatusResponse"]["results"] == []


@pytest.mark.parametrize(
    ("others", "finding"),
    [
        ({"companyContexts": []}, "companyContexts"),
        ({"include": ["campaign"]}, "AudienceManager"),
        ({"users": []}, "users"),
        ({"users": [{"action": ["forget"], "userIDs": [{}]}]}, "action"),
        ({"users": [{"action": ["delete"], "userIDs": []}]}, "userIDs"),
        ({"users": "everybody"}, "no array"),
    ],
)
async def test_a_job_that_makes_no_sense_is_refused(guest, call, others, finding):
    status, body = await call("POST", "/data/core/privacy/jobs", job(guest, **others))
    assert status == 400
    assert finding in body["title"]


async def test_a_job_that_there_is_not_is_a_404(call):
    assert (await call("GET", "/data/core/privacy/jobs/none"))[0] == 404


async def test_every_inbound_file_is_told_of_also_those_that_were_not_read(guest):
    guest.sandbox.instance.buckets.exported.put("ftp_dpm_1_1772431200.sync.zip", b"PK")
    await guest.post("/sandbox/clock", {"advance_seconds": 12 * 3600})
    _, body = await guest.get("/sandbox/audience-manager/inbound")
    assert [(file["dataFileName"], file["status"]) for file in body["files"]] == [
        ("ftp_dpm_1_1772431200.sync.zip", "REJECTED")
    ]
