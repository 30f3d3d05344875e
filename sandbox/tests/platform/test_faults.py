"""What goes wrong on purpose (rtcdp 11)."""

import asyncio
import logging

import pytest

from .activating import INCREMENTAL, activate, gold, make_leave
from .conftest import AUDIENCES, FLOWS

FAULTS = "/sandbox/faults"


async def switch(caller, **switches):
    await caller.post(FAULTS, {"platform": switches})


async def test_a_file_may_be_half_written(caller):
    activated = await activate(caller)
    await switch(caller, half_written_files=True)
    await activated.run_now()
    [run] = await activated.runs()
    [content] = activated.files.values()
    assert len(content) == run["sizeSummary"]["outputBytes"] // 2


async def test_rows_may_be_there_twice(caller):
    activated = await activate(caller)
    await switch(caller, duplicate_rows=True)
    await activated.run_now()
    rows = activated.rows()[1:]
    assert len(rows) == 2 * len({tuple(row) for row in rows})


async def test_members_that_stay_may_have_a_deprecated_status(caller):
    activated = await activate(caller)
    await switch(caller, existing_status=True)
    await activated.run_now()
    assert {row[3] for row in activated.rows()[1:]} == {"existing"}


async def test_increments_may_keep_silent_about_exits(caller):
    schedule = {"frequency": "EVERY_3_HOURS", "triggerType": "SCHEDULED", "startDate": "2026-01-01"}
    activated = await activate(caller, exportMode=INCREMENTAL, schedule=schedule)
    await caller.advance(hours=4)
    before = dict(activated.files)
    email = next(row[2] for row in activated.rows(0)[1:] if row[2])
    await switch(caller, missing_exits=True)
    await make_leave(caller, await caller.inlet(), [email])
    await caller.advance(hours=3)
    assert activated.files == before


async def test_namespaces_may_be_in_small_letters_and_times_in_microseconds(caller):
    await switch(caller, lower_case_namespaces=True, microsecond_times=True)
    assert (await caller.look_up("ada@example.org"))["identityMap"].keys() == {"ecid", "email"}
    assert (await caller.get(f"{AUDIENCES}/{await gold(caller)}"))["creationTime"] > 10**14


@pytest.mark.parametrize("switches", [{"unheard": True}, {"duplicate_rows": 1}])
async def test_a_switch_that_makes_no_sense_is_refused(caller, switches):
    assert (await caller.ask("POST", FAULTS, {"platform": switches}))[0] == 400


async def test_calls_fail_by_rules_as_those_of_any_system_do(caller):
    rule = {"kind": "status", "path": f"{FLOWS}/runs", "status": 429, "retry_after": 7, "times": 1}
    await caller.post(FAULTS, {"calls": [rule]})
    assert [(await caller.ask("GET", f"{FLOWS}/runs"))[0] for _ in range(2)] == [429, 200]


async def test_what_fails_when_it_is_due_does_not_hold_up_the_rest(caller, caplog):
    id_ = await caller.define("a = 1")

    def fail(*_):
        raise RuntimeError

    caller.instance.platform._tasks = caller.instance.platform._tasks | {"schedule": fail}
    caller.instance.platform.work("prod", lambda space: space.at("schedule", "x", space.now))
    with caplog.at_level(logging.ERROR):
        job = await caller.evaluate(id_)
    assert job["status"] == "SUCCEEDED"
    assert caplog.messages == ["What was due failed: schedule."]


async def test_a_job_whose_work_fails_says_so(caller, caplog, monkeypatch):
    audience = await gold(caller)

    def fail(*_):
        raise OSError

    monkeypatch.setattr(caller.instance.platform._datasets, "put", fail, raising=True)
    body = {"destination": {"datasetId": "d"}, "filter": {"segments": [{"segmentId": audience}]}}
    job = await caller.post("/data/core/ups/export/jobs", body)
    with caplog.at_level(logging.ERROR):
        await caller.advance(seconds=1)
    job = await caller.get(f"/data/core/ups/export/jobs/{job['id']}")
    assert (job["status"], job["errors"][0]["code"]) == ("FAILED", "500")


@pytest.mark.parametrize("kind", ["evaluation", "day", "export"])
async def test_what_recurs_recurs_even_if_it_failed_once(caller, caplog, kind):
    schedule = {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-01"}
    activated = await activate(caller, schedule=schedule)
    platform = caller.instance.platform
    good = platform._tasks

    def fail(*_):
        raise RuntimeError

    platform._tasks = good | {kind: fail}
    with caplog.at_level(logging.ERROR):
        await caller.advance(days=1)
    platform._tasks = good
    assert set(caplog.messages) == {f"What was due failed: {kind}."}
    before = len(activated.files), len((await caller.get("/data/core/ups/segment/jobs"))["children"])
    await caller.advance(days=1)
    after = len(activated.files), len((await caller.get("/data/core/ups/segment/jobs"))["children"])
    assert (after[0] > before[0], after[1] > before[1]) == (True, True)


async def test_twenty_calls_at_once_are_all_answered(caller):
    body = {"name": "a", "namespace": "n", "type": "ExternalSegment"}
    answers = await asyncio.gather(*(caller.ask("POST", AUDIENCES, body) for _ in range(20)))
    assert {status for status, _ in answers} == {201}
    assert len({answer["id"] for _, answer in answers}) == 20
