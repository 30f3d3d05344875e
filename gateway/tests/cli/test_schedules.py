import json

import grpc
import pytest
from audience_gateway.v1 import schedule_pb2, schedule_service_pb2, transfer_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

NOON = Timestamp(seconds=1_767_268_800)
SCHEDULE = schedule_pb2.Schedule(
    name="schedules/nightly",
    share=schedule_pb2.ScheduledShare(
        source="connections/people/audiences/gold",
        destination="connections/campaign/audiences/gold",
        data_source="dataSources/visitor-id",
        time_limit=Duration(seconds=5400),
    ),
    cron="0 12 * * *",
    time_zone="UTC",
    overlap=schedule_pb2.OVERLAP_POLICY_SKIP,
    next_run_times=[NOON],
    last_runs=[
        schedule_pb2.ScheduledRun(due_time=NOON, result=schedule_pb2.RUN_RESULT_STARTED, transfer="transfers/t-2"),
        schedule_pb2.ScheduledRun(
            due_time=NOON,
            result=schedule_pb2.RUN_RESULT_REFUSED,
            failure=transfer_pb2.Failure(reason="CONFIG", message="there is no `x`", remedy="Add it."),
        ),
    ],
    etag="3-x",
)
CREATE = ("schedules", "create", "nightly", "people/gold", "campaign/gold", "--data-source", "visitor-id")


@pytest.fixture(autouse=True)
def _answers(gateway):
    gateway.answers = {
        "CreateSchedule": schedule_service_pb2.CreateScheduleResponse(schedule=SCHEDULE),
        "GetSchedule": schedule_service_pb2.GetScheduleResponse(schedule=SCHEDULE),
        "ListSchedules": schedule_service_pb2.ListSchedulesResponse(schedules=[SCHEDULE]),
        "UpdateSchedule": schedule_service_pb2.UpdateScheduleResponse(schedule=SCHEDULE),
        "PauseSchedule": schedule_service_pb2.PauseScheduleResponse(schedule=SCHEDULE),
        "ResumeSchedule": schedule_service_pb2.ResumeScheduleResponse(schedule=SCHEDULE),
        "RunSchedule": schedule_service_pb2.RunScheduleResponse(run=SCHEDULE.last_runs[0]),
        "DeleteSchedule": schedule_service_pb2.DeleteScheduleResponse(),
    }


def lines(result):
    assert result.exit_code == 0, result.stderr
    return [line.split() for line in result.stdout.splitlines()]


def test_a_schedule_is_created_with_what_is_said(gateway, run):
    said = ("--time-zone", "Europe/Berlin", "--catch-up", "latest", "--overlap", "cancel-running", "--within", "90")
    said += ("--purpose", "mail")
    lines(run(*CREATE, "--cron", "0 4 * * *", *said, "--priority", "high", "--add-only", "--accept-removals"))

    request = gateway.requests[0]
    assert request.schedule_id == "nightly"
    schedule, share = request.schedule, request.schedule.share
    assert (schedule.cron, schedule.time_zone) == ("0 4 * * *", "Europe/Berlin")
    assert schedule.catch_up == schedule_pb2.CATCH_UP_LATEST
    assert schedule.overlap == schedule_pb2.OVERLAP_POLICY_CANCEL_RUNNING
    assert (share.source, share.destination) == (SCHEDULE.share.source, SCHEDULE.share.destination)
    assert (share.data_source, share.time_limit) == ("dataSources/visitor-id", Duration(seconds=5400))
    assert (share.priority, share.mode) == (transfer_pb2.PRIORITY_HIGH, transfer_pb2.TRANSFER_MODE_ADD_ONLY)
    assert (share.guard.removed_share, share.purposes) == (1.0, ["mail"])
    assert not share.guard.HasField("match_points")


def test_what_is_not_said_is_left_to_the_gateway(gateway, run):
    lines(run(*CREATE, "--cron", "0 4 * * *"))

    schedule = gateway.requests[0].schedule
    assert (schedule.time_zone, schedule.catch_up, schedule.overlap) == ("", 0, 0)
    assert not schedule.share.HasField("guard")
    assert not schedule.share.HasField("time_limit")


def test_schedules_are_listed_with_their_next_and_last_run(run):
    expected = "nightly people/gold campaign/gold 0 12 * * * UTC 2026-01-01 12:00:00 started"
    assert lines(run("schedules", "list"))[-1] == expected.split()


def test_a_schedule_is_shown_with_its_runs(run):
    shown = lines(run("schedules", "get", "nightly"))
    assert ["overlap", "skip"] in shown
    assert ["time", "limit", "1:30:00"] in shown
    assert ["next", "run", "(UTC)", "2026-01-01", "12:00:00"] in shown
    assert ["2026-01-01", "12:00:00", "started", "t-2"] in shown
    assert ["2026-01-01", "12:00:00", "refused", "CONFIG", "there", "is", "no", "`x`", "Add", "it."] in shown


def test_an_update_sends_what_is_given_and_masks_the_rest(gateway, run):
    lines(run("schedules", "update", "nightly", "--cron", "0 5 * * *", "--within", "0", "--etag", "3-x"))

    request = gateway.requests[0]
    assert (request.schedule.name, request.schedule.cron, request.schedule.etag) == (SCHEDULE.name, "0 5 * * *", "3-x")
    assert list(request.update_mask.paths) == ["share.time_limit", "cron"]
    assert not request.schedule.share.HasField("time_limit")


def test_an_update_can_take_back_what_was_said(gateway, run):
    lines(run("schedules", "update", "nightly", "--hold-back", "--replace"))

    request = gateway.requests[0]
    assert list(request.update_mask.paths) == ["share.mode", "share.guard.removed_rows", "share.guard.removed_share"]
    assert not request.schedule.share.HasField("guard")
    assert request.schedule.share.mode == transfer_pb2.TRANSFER_MODE_REPLACE


def test_an_update_of_one_limit_leaves_the_others(gateway, run):
    lines(run("schedules", "update", "nightly", "--stale-hours", "36"))

    request = gateway.requests[0]
    assert list(request.update_mask.paths) == ["share.guard.stale_after"]
    assert request.schedule.share.guard == transfer_pb2.Guard(stale_after=Duration(seconds=36 * 3600))


def test_an_update_of_nothing_says_so(gateway, run):
    result = run("schedules", "update", "nightly")
    assert (result.exit_code, gateway.requests) == (1, [])
    assert result.stderr.startswith("error: there is nothing to change.")


@pytest.mark.parametrize("command", ["pause", "resume", "run", "delete"])
@pytest.mark.parametrize("name", ["nightly", "schedules/nightly"])
def test_a_schedule_is_named_by_its_id_or_its_name(gateway, run, command, name):
    lines(run("schedules", command, name))
    assert gateway.requests[0].name == "schedules/nightly"


def test_a_run_says_which_transfer_it_is(run):
    assert lines(run("schedules", "run", "nightly"))[-1] == ["2026-01-01", "12:00:00", "started", "t-2"]


@pytest.mark.parametrize("command", ["get", "pause", "resume"])
def test_json_of_a_schedule_is_one_object(run, command):
    assert json.loads(run("schedules", command, "nightly", "--json").stdout)["etag"] == "3-x"


def test_json_of_lists_and_runs(run):
    assert [one["name"] for one in json.loads(run("schedules", "list", "--json").stdout)] == ["schedules/nightly"]
    assert json.loads(run("schedules", "run", "nightly", "--json").stdout)["transfer"] == "transfers/t-2"


def test_a_refusal_is_one_line(gateway, run, error_info):
    info = error_info("NOT_FOUND", remedy="List what there is.")
    gateway.refuse("GetSchedule", grpc.StatusCode.NOT_FOUND, "there is no schedules/weekly", info)

    result = run("schedules", "get", "weekly")

    assert (result.exit_code, result.stderr) == (1, "error: there is no schedules/weekly. List what there is.\n")


def test_a_schedule_may_apply_changes(gateway, run):
    lines(run(*CREATE, "--cron", "0 4 * * *", "--mode", "delta"))

    assert gateway.requests[0].schedule.share.mode == transfer_pb2.TRANSFER_MODE_DELTA
