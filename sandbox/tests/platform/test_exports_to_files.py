"""Exports to file destinations on the virtual clock (rtcdp 6.4 to 6.7)."""

import gzip
import json
import re

from .activating import FIELDS, FULL, INCREMENTAL, activate, field, gold, make_leave, selector

HEADER = ["person_name_firstName", "person_name_lastName", "personalEmail_address", "segmentMembership_status"]
FACTS = "/sandbox/platform/facts"


async def test_a_full_file_appears_when_it_is_due_named_by_its_template(caller):
    activated = await activate(caller)
    await caller.advance(hours=1)
    await caller.advance(days=1)
    [name] = activated.files
    assert re.fullmatch(rf"crm/in/Adobe_Campaign_{activated.audience}_[0-9]{{8}}_000000\.csv", name)
    facts = (await caller.get(FACTS))["days"]
    rows = activated.rows()
    assert rows[0] == HEADER
    assert len(rows) - 1 in {facts[0]["realized"], facts[1]["realized"]}
    assert {row[3] for row in rows[1:]} == {"realized"}


async def test_a_run_tells_what_it_came_to(caller):
    activated = await activate(caller)
    await activated.run_now()
    [run] = await activated.runs()
    facts = (await caller.get(FACTS))["days"][0]
    assert run["recordSummary"]["inputRecordCount"] == run["recordSummary"]["outputRecordCount"] == facts["realized"]
    assert run["sizeSummary"]["outputBytes"] == sum(map(len, activated.files.values()))
    assert (run["statusSummary"]["status"], run["fileSummary"]["outputFileCount"]) == ("success", 1)
    assert run["recordSummary"]["sourceSummaries"][0]["entitySummaries"][0]["id"] == f"segment:{activated.audience}"


async def test_nothing_is_exported_within_the_first_hour(caller):
    activated = await activate(caller, schedule={"frequency": "ONCE", "triggerType": "SCHEDULED"})
    await caller.advance(minutes=59)
    assert activated.files == {}
    await caller.advance(minutes=2)
    assert len(activated.files) == 1


async def test_a_full_file_after_an_exit_omits_the_person(caller):
    inlet = await caller.inlet()
    activated = await activate(caller)
    await activated.run_now()
    emails = [row[2] for row in activated.rows()[1:] if row[2]]
    await make_leave(caller, inlet, emails[:1])
    await activated.run_now()
    later = [row[2] for row in activated.rows()[1:]]
    assert set(emails) - set(later) == {emails[0]}
    assert {row[3] for row in activated.rows()[1:]} == {"realized"}


async def test_an_increment_tells_exits_by_their_status(caller):
    inlet = await caller.inlet()
    activated = await activate(caller, exportMode=INCREMENTAL, schedule=every_three_hours())
    await caller.advance(hours=4)
    emails = [row[2] for row in activated.rows(0)[1:] if row[2]]
    before = len(activated.files)
    await make_leave(caller, inlet, emails[:2])
    await caller.advance(hours=3)
    assert len(activated.files) == before + 1
    assert sorted((row[2], row[3]) for row in activated.rows()[1:]) == sorted((email, "exited") for email in emails[:2])


async def test_an_increment_without_a_column_of_statuses_omits_exits(caller):
    inlet = await caller.inlet()
    activated = await activate(caller, fields=FIELDS[:3], exportMode=INCREMENTAL, schedule=every_three_hours())
    await caller.advance(hours=4)
    before = dict(activated.files)
    emails = [row[2] for row in activated.rows(0)[1:] if row[2]]
    await make_leave(caller, inlet, emails[:2])
    await caller.advance(hours=3)
    assert activated.files == before
    runs = await activated.runs()
    assert runs[-1]["recordSummary"]["outputRecordCount"] == 0
    assert {run["statusSummary"]["status"] for run in runs} == {"success"}


async def test_an_empty_export_may_be_a_file_with_a_header(calling):
    async with calling(empty_exports_are_files=True) as caller:
        activated = await activate(caller, exportMode=INCREMENTAL, schedule=every_three_hours())
        await caller.advance(hours=7)
        assert len(activated.files) > 1
        assert activated.rows() == [HEADER]


async def test_a_static_name_is_overwritten(caller):
    activated = await activate(caller, filenameTemplate="%DESTINATION_NAME%_%SEGMENT_ID%", schedule=every_three_hours())
    await caller.advance(hours=8)
    assert len(activated.files) == 1
    assert len(await activated.runs()) > 1


async def test_large_exports_are_split(calling):
    async with calling(rows_a_file=5) as caller:
        activated = await activate(caller, filenameTemplate="%DESTINATION_NAME%_%SEGMENT_ID%")
        await activated.run_now()
        realized = (await caller.get(FACTS))["days"][0]["realized"]
        name = f"crm/in/Adobe_Campaign_{activated.audience}"
        parts = -(-realized // 5)
        assert list(activated.files) == [f"{name}.csv", *(f"{name}_{part}.csv" for part in range(2, parts + 1))]
        assert sum(len(activated.rows(number)) - 1 for number in range(parts)) == realized
        assert all(activated.rows(number)[0] == HEADER for number in range(parts))


async def test_a_manifest_tells_names_and_sizes(caller):
    activated = await activate(caller, target={"includeFileManifest": True, "compression": "GZIP"})
    await activated.run_now()
    [(_, content), (name, text)] = activated.files.items()
    manifest = json.loads(text)
    assert re.fullmatch(rf"crm/in/manifest-[\w-]+-{manifest['flowRunId']}\.json", name)
    [result] = manifest["exportResults"]
    assert (result["sinkPath"], result["size"]) == ("/crm/in", len(content))
    assert result["name"].endswith(".csv.gz")
    assert gzip.decompress(content).decode().startswith("person_name_firstName,")


async def test_one_row_for_each_identity_of_a_namespace(caller):
    inlet = await caller.inlet()
    fields = (field("identityMap.ECID"), field("personalEmail.address"))
    activated = await activate(caller, fields=fields)
    await activated.run_now()
    email = next(row[1] for row in activated.rows()[1:] if row[1])
    more = {"Email": [{"id": email, "primary": True}], "ECID": [{"id": "8" * 38}]}
    await caller.send(inlet, {"identityMap": more})
    await activated.run_now()
    rows = activated.rows()
    assert rows[0] == ["ECID", "personalEmail_address"]
    assert len([row for row in rows if row[1] == email]) == 2


async def test_profiles_without_a_mandatory_field_are_skipped_and_counted(caller):
    activated = await activate(caller, params={"mandatoryFields": ["personalEmail.address"]})
    await activated.run_now()
    [run] = await activated.runs()
    facts = (await caller.get(FACTS))["days"][0]
    assert len(activated.rows()) - 1 == facts["with_email"]
    assert run["recordSummary"]["skippedRecordCount"] == facts["realized"] - facts["with_email"]


async def test_rows_alike_in_the_deduplication_key_become_one(caller):
    activated = await activate(
        caller,
        fields=(field("loyalty.tier"), field("personalEmail.address")),
        params={"primaryFields": ["loyalty.tier"]},
    )
    await activated.run_now()
    rows = activated.rows()[1:]
    [run] = await activated.runs()
    assert len(rows) == 1
    assert run["recordSummary"]["skippedRecordCount"] == run["recordSummary"]["inputRecordCount"] - 1


async def test_columns_are_named_by_a_mapping_set(caller):
    mappings = [
        {"sourceType": "ATTRIBUTE", "source": "personalEmail.address", "destination": "email"},
        {"sourceType": "ATTRIBUTE", "source": "segmentMembershipStatus", "destination": "status"},
    ]
    made = await caller.post("/data/foundation/conversion/mappingSets", {"version": 0, "mappings": mappings})
    mapping = {"profileMapping": {"mappingId": made["id"], "mappingVersion": 0}}
    activated = await activate(caller, fields=(), params=mapping)
    await activated.run_now()
    assert activated.rows()[0] == ["email", "status"]


async def test_an_export_may_follow_each_evaluation(caller):
    schedule = {"frequency": "DAILY", "triggerType": "AFTER_SEGMENT_EVAL"}
    activated = await activate(caller, schedule=schedule)
    await caller.advance(hours=2)
    assert activated.files == {}
    await caller.evaluate(activated.audience)
    assert len(activated.files) == 1
    await caller.advance(days=1)
    assert len(activated.files) == 2


async def test_a_flow_that_is_disabled_or_has_no_such_audience_any_more_exports_nothing(caller):
    for undo in ("disable", "remove"):
        activated = await activate(caller)
        if undo == "disable":
            address = f"/data/foundation/flowservice/flows/{activated.flow}/action?op=DISABLE"
            assert (await caller.ask("POST", address))[0] == 200
        else:
            step = {"op": "remove", "path": "/transformations/0/params/segmentSelectors/selectors/0"}
            assert (await activated.change(step))[0] == 200
        await caller.advance(days=1)
        assert activated.files == {}


async def test_no_export_on_the_day_of_the_end_or_later(caller):
    end = f"{caller.instance.now():%Y-%m-%d}"
    schedule = {"frequency": "EVERY_3_HOURS", "triggerType": "SCHEDULED", "startDate": "2026-01-01", "endDate": end}
    activated = await activate(caller, schedule=schedule)
    await caller.advance(days=1)
    assert activated.files == {}


async def test_an_export_without_mapped_fields_fails_and_says_so(caller):
    activated = await activate(caller, fields=())
    await activated.run_now()
    [run] = await activated.runs()
    assert (run["statusSummary"]["status"], run["statusSummary"]["errors"][0]["code"]) == (
        "failed",
        "ACTIVATION_BATCH-0000-FAILED",
    )


async def test_selectors_that_make_no_sense_are_refused_and_change_nothing(caller):
    activated = await activate(caller)
    etag, other = await activated.etag(), await caller.define("a = 1")
    for wrong in (
        {"filenameTemplate": "%SEGMENT_ID%"},
        {"filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%_%DATETIME%"},
        {"exportMode": "x"},
        {"schedule": {"frequency": "HOURLY"}},
        {"schedule": {"startDate": "tomorrow"}},
        {"id": "nothing"},
    ):
        status, answer = await activated.change(selector(other, **wrong))
        assert (status, bool(answer["message"])) == (400, True), wrong
    assert await activated.etag() == etag


async def test_what_is_scheduled_outlives_a_restart(calling, tmp_path):
    async with calling(state=tmp_path) as caller:
        await activate(caller)
    async with calling(state=tmp_path) as caller:
        await caller.advance(days=1)
        assert len(list(caller.files.rglob("*.csv"))) == 1


def every_three_hours():
    return {"frequency": "EVERY_3_HOURS", "triggerType": "SCHEDULED", "startDate": "2026-01-01", "startTime": "00:00"}


async def test_folders_may_bear_the_audience(caller):
    activated = await activate(caller, target={"path": "in/%SEGMENT_NAME%/%SEGMENT_ID%"}, exportMode=FULL)
    await activated.run_now()
    [name] = activated.files
    assert name.startswith(f"crm/in/gold/{await gold(caller)}/")
