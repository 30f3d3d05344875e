"""Segment jobs, export jobs, and where their files are read (sandbox 5.4, rtcdp 1.5, 1.6)."""

import asyncio
import io
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

JOBS, EXPORTS = "/data/core/ups/segment/jobs", "/data/core/ups/export/jobs"


async def finished(caller, address):
    for _ in range(100):
        job = await caller.get(address)
        if job["status"] in {"SUCCEEDED", "FAILED", "CANCELLED"}:
            return job
        await asyncio.sleep(0.05)
    raise AssertionError("the job has not ended")


async def read_parquet(caller, batch):
    files = await caller.get(f"/data/foundation/export/batches/{batch}/files")
    address = files["data"][0]["_links"]["self"]["href"].removeprefix(caller.url)
    part = (await caller.get(address))["data"][0]
    path = part["_links"]["self"]["href"]
    headers = {
        "Authorization": f"Bearer {caller.token}",
        "x-api-key": caller.guest.ready["ims"]["client_id"],
        "x-gw-ims-org-id": caller.guest.ready["ims"]["org_id"],
    }
    async with caller.guest.http.get(path, headers=headers) as response:
        content = await response.read()
    assert len(content) == int(part["length"])
    return pq.read_table(io.BytesIO(content)).to_pylist()


def export_of(*audiences, **more):
    return {
        "fields": "",
        "mergePolicy": {"id": "default", "version": 1},
        "filter": {"segments": [{"segmentId": id_, "segmentNs": "ups", "status": ["realized"]} for id_ in audiences]},
        "destination": {"datasetId": "unregistered", "segmentPerBatch": False},
        "schema": {"name": "_xdm.context.profile"},
    } | more


async def gold(caller):
    return (await caller.get("/sandbox/platform/facts"))["audience"]["id"]


async def test_a_job_succeeds_in_real_time_without_any_help(caller):
    id_ = await caller.define('loyalty.tier = "silver"')
    status, job = await caller.ask("POST", JOBS, [{"segmentId": id_}])
    assert (status, job["status"], type(job["id"])) == (200, "NEW", str)
    job = await finished(caller, f"{JOBS}/{job['id']}")
    assert job["status"] == "SUCCEEDED"
    assert job["metrics"]["segmentedProfileByStatusCounter"][id_]["realized"] > 0


async def test_an_evaluation_counts_what_the_rule_says(caller):
    facts = await caller.get("/sandbox/platform/facts")
    id_ = await caller.define('loyalty.tier != "gold"')
    metrics = (await caller.evaluate(id_))["metrics"]
    assert metrics["totalProfiles"] == facts["profiles"]
    assert metrics["segmentedProfileCounter"][id_] == facts["profiles"] - facts["days"][0]["realized"]


async def test_jobs_take_turns(caller):
    id_ = await caller.define("a = 1")
    jobs = [(await caller.post(JOBS, [{"segmentId": id_}]))["id"] for _ in range(2)]
    await caller.advance(milliseconds=250)
    states = [(await caller.get(f"{JOBS}/{job}"))["status"] for job in jobs]
    assert states == ["PROCESSING", "QUEUED"]
    await caller.advance(seconds=2)
    assert [(await caller.get(f"{JOBS}/{job}"))["status"] for job in jobs] == ["SUCCEEDED"] * 2


async def test_a_job_is_cancelled(calling):
    async with calling(job_milliseconds=60_000) as caller:
        id_ = await caller.define("a = 1")
        job = await caller.post(JOBS, [{"segmentId": id_}])
        assert (await caller.ask("DELETE", f"{JOBS}/{job['id']}"))[0] == 204
        assert (await caller.get(f"{JOBS}/{job['id']}"))["status"] == "CANCELLING"
        await caller.advance(minutes=1)
        assert (await caller.get(f"{JOBS}/{job['id']}"))["status"] == "CANCELLED"


async def test_a_job_whose_audience_was_deleted_fails(calling):
    async with calling(job_milliseconds=60_000) as caller:
        id_ = await caller.define("a = 1")
        job = await caller.post(JOBS, [{"segmentId": id_}])
        await caller.ask("DELETE", f"/data/core/ups/segment/definitions/{id_}")
        await caller.advance(minutes=1)
        job = await caller.get(f"{JOBS}/{job['id']}")
        assert (job["status"], job["errors"][0]["code"]) == ("FAILED", "404")


async def test_a_job_for_nothing_is_refused(caller):
    for body in ([], [{"segmentId": "nothing"}], [{}], {}):
        assert (await caller.ask("POST", JOBS, body))[0] == 400


async def test_a_job_may_be_for_all(caller):
    await caller.define("a = 1")
    job = await caller.post(JOBS, {"schema": {"name": "_xdm.context.profile"}, "segments": [{"segmentId": "*"}]})
    assert len(job["segments"]) == 2


async def test_jobs_are_listed_newest_first_and_filtered(caller):
    first, second = await caller.define("a = 1", "a"), await caller.define("a = 2", "b")
    ids = [(await caller.evaluate(id_))["id"] for id_ in (first, second, first)]
    page = await caller.get(f"{JOBS}?limit=2")
    assert [each["id"] for each in page["children"]] == ids[:0:-1]
    rest = await caller.get(f"{JOBS}?limit=2&start={page['_page']['next']}")
    assert ([each["id"] for each in rest["children"]], rest["_links"]) == (ids[:1], {"next": {}})
    found = await caller.get(f"{JOBS}?status=SUCCEEDED&property=segments~segmentId=={second}")
    assert [each["id"] for each in found["children"]] == [ids[1]]


async def test_more_jobs_a_day_than_assumed_are_429(calling):
    async with calling(jobs_a_day=1) as caller:
        id_ = await caller.define("a = 1")
        await caller.evaluate(id_)
        assert (await caller.ask("POST", JOBS, [{"segmentId": id_}]))[0] == 429
        await caller.advance(days=1)
        assert (await caller.ask("POST", JOBS, [{"segmentId": id_}]))[0] == 200


async def test_the_scheduler_evaluates_once_a_day(caller):
    id_ = await caller.define('loyalty.tier = "gold"', "another")
    assert (await caller.look_up("ada@example.org"))["segmentMembership"] == {}
    await caller.advance(days=1)
    job = (await caller.get(JOBS))["children"][0]
    assert (job["source"], job["status"]) == ("scheduler", "SUCCEEDED")
    assert (
        job["metrics"]["segmentedProfileCounter"][id_]
        == (await caller.get("/sandbox/platform/facts"))["days"][1]["realized"]
    )


async def test_a_schedule_evaluates_at_its_time(caller):
    id_ = await caller.define('loyalty.tier = "gold"', "another")
    body = {"name": "s", "type": "batch_segmentation", "properties": {"segments": [id_]}, "schedule": "0 0 1 * * ?"}
    schedules = "/data/core/ups/config/schedules"
    made = await caller.post(schedules, body)
    await caller.patch(f"{schedules}/{made['id']}", [{"op": "replace", "path": "/state", "value": "active"}])
    await caller.advance(days=1)
    jobs = (await caller.get(f"{JOBS}?property=segments~segmentId=={id_}"))["children"]
    assert {each["source"] for each in jobs} == {"api", "scheduler"}
    assert (await caller.get(schedules))["_page"]["totalCount"] == 1
    assert await caller.ask("DELETE", f"{schedules}/{made['id']}") == (204, None)
    assert (await caller.ask("POST", schedules, body | {"schedule": "0 0/5 * * * ?"}))[0] == 400


async def test_an_export_ends_as_parquet_with_identities_and_memberships(caller):
    audience = await gold(caller)
    status, job = await caller.ask("POST", EXPORTS, export_of(audience))
    assert (status, type(job["id"])) == (200, int)
    job = await finished(caller, f"{EXPORTS}/{job['id']}")
    assert (job["status"], type(job["id"])) == ("SUCCEEDED", int)
    rows = await read_parquet(caller, job["batchId"])
    facts = (await caller.get("/sandbox/platform/facts"))["days"][0]
    assert len(rows) == facts["realized"] == job["metrics"]["totalExportedProfileCount"]
    assert sum("Email" in dict(row["identityMap"]) for row in rows) == facts["with_email"]
    assert all(dict(dict(row["segmentMembership"])["ups"])[audience]["status"] == "realized" for row in rows)
    batch = await caller.get(f"/data/foundation/catalog/batches/{job['batchId']}")
    assert batch[job["batchId"]]["status"] == "success"


async def test_an_export_has_the_fields_asked_for(caller):
    job = await caller.post(EXPORTS, export_of(await gold(caller), fields="identityMap.Email, personalEmail.address"))
    job = await finished(caller, f"{EXPORTS}/{job['id']}")
    rows = await read_parquet(caller, job["batchId"])
    assert rows[0].keys() == {"identityMap", "segmentMembership", "personalEmail"}
    assert all(set(dict(row["identityMap"] or [])) <= {"Email"} for row in rows)


async def test_a_field_that_nobody_has_is_absent_and_odd_values_are_texts(caller):
    inlet = await caller.inlet()
    entities = [{"odd": {"a": 1}, "empty": {}}, {"odd": "text", "empty": {}}]
    for number, entity in enumerate(entities):
        await caller.send(inlet, entity | {"identityMap": {"Email": [{"id": f"{number}@example.org"}]}, "mine": 1})
    audience = await caller.define("mine = 1")
    await caller.evaluate(audience)
    body = export_of(audience, fields="identities.id, odd, empty")
    job = await finished(caller, f"{EXPORTS}/{(await caller.post(EXPORTS, body))['id']}")
    rows = await read_parquet(caller, job["batchId"])
    assert {(row["odd"], row["empty"]) for row in rows} == {('{"a": 1}', "{}"), ('"text"', "{}")}
    assert "identities" not in rows[0]


async def test_each_audience_may_have_a_batch_of_its_own(caller):
    other = await caller.define('loyalty.tier = "silver"')
    await caller.evaluate(other)
    destination = {"datasetId": "d", "segmentPerBatch": True}
    job = await caller.post(EXPORTS, export_of(await gold(caller), other, destination=destination))
    job = await finished(caller, f"{EXPORTS}/{job['id']}")
    assert len({each["batchId"] for each in job["batches"]}) == 2


async def test_the_time_of_qualification_filters(caller):
    audience = await gold(caller)
    await caller.advance(days=1)
    facts = (await caller.get("/sandbox/platform/facts"))["days"][1]
    an_hour_ago = caller.instance.now() - timedelta(hours=1)
    body = export_of(audience)
    body["filter"] |= {"segmentQualificationTime": {"startTime": an_hour_ago.isoformat()}}
    job = await finished(caller, f"{EXPORTS}/{(await caller.post(EXPORTS, body))['id']}")
    assert job["metrics"]["totalExportedProfileCount"] == facts["entered"]


@pytest.mark.parametrize("statuses", [["existing"], ["realized", "existing"]])
async def test_existing_is_another_word_for_realized(caller, statuses):
    body = export_of(await gold(caller))
    body["filter"]["segments"][0]["status"] = statuses
    job = await finished(caller, f"{EXPORTS}/{(await caller.post(EXPORTS, body))['id']}")
    facts = (await caller.get("/sandbox/platform/facts"))["days"][0]
    assert job["metrics"]["totalExportedProfileCount"] == facts["realized"]


async def test_exports_are_listed_by_offset_until_there_is_no_next(caller):
    audience = await gold(caller)
    ids = [(await caller.post(EXPORTS, export_of(audience)))["id"] for _ in range(3)]
    found, path = [], f"{EXPORTS}?limit=2"
    for _ in range(2):
        page = await caller.get(path)
        found += [each["id"] for each in page["records"]]
        path = f"{EXPORTS}?limit=2&offset={page['link']['next'].rpartition('offset=')[2]}"
    assert (found, page["link"]) == (ids[::-1], {"next": ""})


async def test_an_export_is_cancelled(caller):
    job = await caller.post(EXPORTS, export_of(await gold(caller)))
    status, answer = await caller.ask("DELETE", f"{EXPORTS}/{job['id']}")
    assert (status, answer["status"]) == (200, True)
    assert (await finished(caller, f"{EXPORTS}/{job['id']}"))["status"] == "CANCELLED"
    assert (await caller.ask("GET", f"{EXPORTS}/999"))[0] == 404


async def test_a_rule_is_tried_before_it_is_an_audience(caller):
    body = {"predicateExpression": 'loyalty.tier = "gold"', "predicateType": "pql/text"}
    status, preview = await caller.ask("POST", "/data/core/ups/preview", body)
    assert (status, preview["state"]) == (201, "NEW")
    facts = await caller.get("/sandbox/platform/facts")
    estimate = await caller.get(f"/data/core/ups/estimate/{preview['previewId']}")
    assert (estimate["state"], estimate["estimatedSize"]) == ("RESULT_READY", facts["days"][0]["realized"])
    assert estimate["totalRows"] == facts["profiles"]
    shown = await caller.get(f"/data/core/ups/preview/{preview['previewId']}")
    assert len(shown["results"]) == estimate["estimatedSize"]
    assert (await caller.ask("DELETE", f"/data/core/ups/preview/{preview['previewId']}"))[0] == 200
    assert (await caller.ask("GET", f"/data/core/ups/estimate/{preview['previewId']}"))[0] == 404
    assert (await caller.ask("POST", "/data/core/ups/preview", {"predicateExpression": "x ="}))[0] == 400
