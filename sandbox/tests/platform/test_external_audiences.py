"""External audiences from files (sandbox 5.3, rtcdp 1.7)."""

import pytest

from .activating import activate

BASE = "/data/core/ais/external-audience"


def body(name="listed", path="in/people.csv", **more):
    return {
        "name": name,
        "fields": [
            {"name": "email", "type": "string", "identityNs": "Email"},
            {"name": "score", "type": "number"},
        ],
        "sourceSpec": {
            "params": {
                "path": path,
                "type": "file",
                "sourceType": "Cloud Storage",
                "cloudType": "S3",
                "baseConnectionId": "unregistered",
            }
        },
        "ttlInDays": "40",
        "audienceType": "people",
        "originName": "CUSTOM_UPLOAD",
        "namespace": "CustomerAudienceUpload",
    } | more


async def made(caller, **more):
    status, answer = await caller.ask("POST", f"{BASE}/", body(**more))
    assert status == 202
    await caller.advance(seconds=1)
    operation = await caller.get(f"{BASE}/operations/{answer['operationId']}")
    assert operation["status"] == "SUCCESS"
    return operation["audienceId"]


async def run(caller, audience):
    answer = await caller.post(f"{BASE}/{audience}/runs", {"dataFilterStartTime": 1})
    assert answer["status"] == "PROCESSING"
    await caller.advance(seconds=1)
    return await caller.get(f"{BASE}/{audience}/runs/{answer['runId']}")


def drop(caller, text, path="in/people.csv"):
    caller.instance.platform.files.put(path, text.encode())


async def membership(caller, email, audience):
    entity = await caller.look_up(email)
    return entity and entity["segmentMembership"].get("CustomerAudienceUpload", {}).get(audience)


async def test_it_is_made_by_an_operation(caller):
    status, answer = await caller.ask("POST", f"{BASE}/", body())
    assert (status, answer["operationDetails"]["ttlInDays"]) == (202, 40)
    operation = await caller.get(f"{BASE}/operations/{answer['operationId']}")
    assert (operation["status"], "audienceId" in operation) == ("PROCESSING", False)
    await caller.advance(seconds=1)
    operation = await caller.get(f"{BASE}/operations/{answer['operationId']}")
    audience = await caller.get(f"/data/core/ups/audiences/{operation['audienceId']}")
    assert (audience["name"], audience["type"], audience["namespace"]) == (
        "listed",
        "ExternalSegment",
        "CustomerAudienceUpload",
    )
    assert operation["createdAt"] < 10_000_000_000


async def test_a_run_makes_members_and_profiles_where_there_are_none(caller):
    audience = await made(caller)
    drop(caller, "email,score\nada@example.org,7\nnew@example.org,8\nnull,9\n,1\n")
    done = await run(caller, audience)
    assert (done["status"], done["recordCounts"]) == ("SUCCESS", {"rows": 4, "members": 2, "skipped": 2})
    assert [each["stage"] for each in done["details"]] == ["DATASET_INGEST", "PROFILE_STORE_INGEST"]
    entry = await membership(caller, "ada@example.org", audience)
    assert entry["status"] == "realized"
    assert entry["validUntil"] > entry["lastQualificationTime"]
    assert (await caller.look_up("new@example.org")).keys() == {"identityMap", "segmentMembership"}


async def test_its_columns_touch_no_profile(caller):
    audience = await made(caller)
    drop(caller, "email,score\nada@example.org,7\n")
    await run(caller, audience)
    assert "score" not in await caller.look_up("ada@example.org")


async def test_members_leave_when_their_time_is_over(caller):
    audience = await made(caller, ttlInDays=2)
    drop(caller, "email,score\nada@example.org,7\n")
    await run(caller, audience)
    await caller.advance(days=1)
    assert (await membership(caller, "ada@example.org", audience))["status"] == "realized"
    assert await caller.ask("POST", f"{BASE}/extend-ttl/{audience}") == (
        200,
        {"audienceId": audience, "name": "listed"},
    )
    await caller.advance(days=2)
    assert (await membership(caller, "ada@example.org", audience))["status"] == "realized"
    await caller.advance(days=2)
    assert (await membership(caller, "ada@example.org", audience))["status"] == "exited"


async def test_a_later_file_renews_nobody_else(caller):
    audience = await made(caller, ttlInDays=2)
    drop(caller, "email,score\nada@example.org,7\ngrace@example.org,8\n")
    await run(caller, audience)
    await caller.advance(days=1)
    drop(caller, "email,score\ngrace@example.org,8\n")
    await run(caller, audience)
    await caller.advance(days=1)
    assert (await membership(caller, "ada@example.org", audience))["status"] == "exited"
    assert (await membership(caller, "grace@example.org", audience))["status"] == "realized"
    await caller.advance(days=1)
    assert (await membership(caller, "grace@example.org", audience))["status"] == "exited"


@pytest.mark.parametrize("content", [None, "e-mail,score\na,1\n", "\ufffe".encode("utf-16").decode("latin-1"), ""])
async def test_a_file_that_cannot_be_read_fails_the_run(caller, content):
    audience = await made(caller)
    if content is not None:
        drop(caller, content)
    done = await run(caller, audience)
    assert done["status"] == "FAILED"
    assert done["message"].startswith("The file")


async def test_all_files_of_a_folder_are_read(caller):
    source = body(path="dlz-user-container/in")["sourceSpec"]
    source["params"] |= {"type": "folder", "cloudType": "DLZ"}
    audience = await made(caller, sourceSpec=source)
    drop(caller, "email,score\nada@example.org,7\n", "in/1.csv")
    drop(caller, "score,email\n7,grace@example.org\n", "in/2.csv")
    assert (await run(caller, audience))["recordCounts"]["members"] == 2


async def test_one_run_at_a_time(caller):
    audience = await made(caller)
    await caller.post(f"{BASE}/{audience}/runs", {"dataFilterStartTime": 1})
    status, answer = await caller.ask("POST", f"{BASE}/{audience}/runs", {"dataFilterStartTime": 1})
    assert (status, answer["errors"]["409"][0]["code"]) == (409, "100950-409")


async def test_an_audience_is_ingested_ten_times_at_most(caller):
    audience = await made(caller)
    for _ in range(10):
        await run(caller, audience)
    status, answer = await caller.ask("POST", f"{BASE}/{audience}/runs", {"dataFilterStartTime": 1})
    assert (status, answer["errors"]["422"][0]["code"]) == (422, "100960-422")
    assert len((await caller.get(f"{BASE}/{audience}/runs"))["runs"]) == 10


async def test_an_id_chosen_by_its_maker_names_it_and_is_not_given_twice(caller):
    audience = await made(caller, customAudienceId="mine")
    assert (await caller.get(f"{BASE}/mine/runs"))["runs"] == []
    assert (await caller.get(f"/data/core/ups/audiences/{audience}"))["audienceId"] == "mine"
    status, answer = await caller.ask("POST", f"{BASE}/", body(customAudienceId="mine"))
    assert (status, answer["errors"]["409"][0]["code"]) == (409, "100950-409")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"fields": []}, 400),
        ({"fields": [{"name": "email", "type": "string"}]}, 400),
        ({"fields": [{"name": "email", "type": "text", "identityNs": "Email"}]}, 400),
        ({"fields": [{"name": "email", "type": "string", "identityNs": "unheard"}]}, 422),
        ({"ttlInDays": 0}, 400),
        ({"ttlInDays": 91}, 400),
        ({"ttlInDays": "many"}, 400),
        ({"path": "with blank.csv"}, 400),
        ({"customAudienceId": "7up"}, 400),
        ({"name": ""}, 400),
    ],
)
async def test_one_that_makes_no_sense_is_refused_by_its_code(caller, more, status):
    answered, answer = await caller.ask("POST", f"{BASE}/", body(**more))
    assert (answered, answer["errors"][str(status)][0]["code"]) == (
        status,
        {400: "100910-400", 422: "100960-422"}[status],
    )


async def test_its_description_and_lifetime_are_replaced(caller):
    audience = await made(caller)
    changed = await caller.patch(f"{BASE}/{audience}", {"description": "new", "ttlInDays": "7"})
    assert (changed["description"], changed["ttlInDays"]) == ("new", 7)


async def test_it_is_deleted(caller):
    audience = await made(caller)
    assert await caller.ask("DELETE", f"{BASE}/{audience}") == (204, None)
    for path in (f"{BASE}/{audience}/runs", f"{BASE}/operations/none", f"/data/core/ups/audiences/{audience}"):
        assert (await caller.ask("GET", path))[0] == 404


async def test_it_is_activated_like_any_other(caller):
    audience = await made(caller)
    drop(caller, "email,score\nada@example.org,7\n")
    await run(caller, audience)
    activated = await activate(caller, audience, filenameTemplate="", id="of its origin", systemSegmentId=audience)
    await activated.run_now()
    name = next(name for name in activated.files if name.startswith("crm/"))
    assert name.startswith(f"crm/in/Adobe_Campaign_segment{audience}_2")
    assert activated.files[name].decode().splitlines()[1] == "Ada,Lovelace,ada@example.org,realized"
