from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest
from audience_gateway.v1.schedule_pb2 import (
    CATCH_UP_LATEST,
    CATCH_UP_NONE,
    OVERLAP_POLICY_QUEUE,
    OVERLAP_POLICY_SKIP,
    RUN_RESULT_STARTED,
    Schedule,
    ScheduledShare,
)
from audience_gateway.v1.schedule_service_pb2 import (
    CreateScheduleRequest,
    DeleteScheduleRequest,
    GetScheduleRequest,
    ListSchedulesRequest,
    PauseScheduleRequest,
    ResumeScheduleRequest,
    RunScheduleRequest,
    UpdateScheduleRequest,
)
from audience_gateway.v1.schedule_service_pb2_grpc import ScheduleServiceStub
from audience_gateway.v1.transfer_pb2 import PRIORITY_HIGH, Guard
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2
from loopback import Transfers, core, detail, refusal, serving

ID = "1c9c5f0e-6ea9-4a4e-a1a3-3f3f6d1f2b7a"
NAME = "schedules/nightly"


def share(**changes) -> ScheduledShare:
    values = {
        "source": "connections/corner/audiences/list-0",
        "destination": "connections/corner/audiences/list-1",
        "data_source": "dataSources/cards",
    }
    return ScheduledShare(**{**values, **changes})


def create(schedule_id: str = "nightly", **changes) -> CreateScheduleRequest:
    request_id = changes.pop("request_id", "")
    schedule = Schedule(**{"share": share(), "cron": "0 4 * * *", **changes})
    return CreateScheduleRequest(schedule_id=schedule_id, schedule=schedule, request_id=request_id)


def update(*paths: str, request_id: str = "", **changes) -> UpdateScheduleRequest:
    schedule = Schedule(**{"name": NAME, **changes})
    return UpdateScheduleRequest(schedule=schedule, update_mask=FieldMask(paths=paths), request_id=request_id)


def violated(error: grpc.aio.AioRpcError) -> list[str]:
    """Fields that an error complains about."""
    assert refusal(error)[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    return [violation.field for violation in detail(error, error_details_pb2.BadRequest()).field_violations]


@pytest.fixture
async def schedules() -> AsyncIterator[ScheduleServiceStub]:
    async with serving(core()) as (_, channel):
        yield ScheduleServiceStub(channel)


async def test_a_created_schedule_says_what_it_does_and_when_it_runs_next(schedules) -> None:
    created = (await schedules.CreateSchedule(create())).schedule

    assert (created.name, created.cron, created.time_zone) == (NAME, "0 4 * * *", "UTC")
    assert (created.catch_up, created.overlap) == (CATCH_UP_NONE, OVERLAP_POLICY_SKIP)
    assert len(created.next_run_times) == 5
    assert created == (await schedules.GetSchedule(GetScheduleRequest(name=NAME))).schedule


async def test_all_that_can_be_said_is_kept(schedules) -> None:
    said = share(
        priority=PRIORITY_HIGH,
        guard=Guard(removed_rows=7, removed_share=0.5),
        time_limit=Duration(seconds=90),
        purposes=["mail"],
    )
    asked = create(share=said, time_zone="Asia/Tokyo", catch_up=CATCH_UP_LATEST, overlap=OVERLAP_POLICY_QUEUE)

    created = (await schedules.CreateSchedule(asked)).schedule

    assert (created.time_zone, created.catch_up, created.overlap) == (
        "Asia/Tokyo",
        CATCH_UP_LATEST,
        OVERLAP_POLICY_QUEUE,
    )
    assert (created.share.priority, created.share.guard, created.share.time_limit, created.share.purposes) == (
        said.priority,
        said.guard,
        said.time_limit,
        said.purposes,
    )


async def test_one_limit_of_the_guard_can_be_changed_and_taken_back(schedules) -> None:
    await schedules.CreateSchedule(create(share=share(guard=Guard(removed_rows=7, removed_share=0.5))))

    async def changed(guard: Guard) -> Guard:
        request = update("share.guard.match_points", share=share(guard=guard))
        return (await schedules.UpdateSchedule(request)).schedule.share.guard

    assert await changed(Guard(match_points=3)) == Guard(removed_rows=7, removed_share=0.5, match_points=3)
    assert await changed(Guard()) == Guard(removed_rows=7, removed_share=0.5)


async def test_a_second_schedule_of_the_same_id_is_refused(schedules) -> None:
    await schedules.CreateSchedule(create())

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await schedules.CreateSchedule(create())

    assert refusal(refused.value)[:2] == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")


async def test_to_create_a_schedule_by_the_same_request_gets_the_first_answer(schedules) -> None:
    first = await schedules.CreateSchedule(create(request_id=ID))
    await schedules.PauseSchedule(PauseScheduleRequest(name=NAME))

    assert await schedules.CreateSchedule(create(request_id=ID)) == first


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cron": "61 * * * *"}, "schedule.cron"),
        ({"cron": ""}, "schedule.cron"),
        ({"time_zone": "Europe/Atlantis"}, "schedule.time_zone"),
        ({"share": None}, "schedule.share"),
        ({"share": share(source="gold")}, "schedule.share.source"),
        ({"share": share(time_limit=Duration(seconds=-1))}, "schedule.share.time_limit"),
    ],
)
async def test_a_bad_field_is_named(schedules, changes, field) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await schedules.CreateSchedule(create(**changes))

    assert violated(refused.value) == [field]


async def test_a_data_source_that_is_not_configured_is_not_scheduled(schedules) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await schedules.CreateSchedule(create(share=share(data_source="dataSources/stamps")))

    assert refusal(refused.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


@pytest.mark.parametrize("method", ["Get", "Delete", "Pause", "Resume", "Run", "Update"])
async def test_a_schedule_that_there_is_not_is_not_found(schedules, method) -> None:
    requests = {
        "Get": GetScheduleRequest(name=NAME),
        "Delete": DeleteScheduleRequest(name=NAME),
        "Pause": PauseScheduleRequest(name=NAME),
        "Resume": ResumeScheduleRequest(name=NAME),
        "Run": RunScheduleRequest(name=NAME),
        "Update": update("cron", cron="0 5 * * *"),
    }

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await getattr(schedules, f"{method}Schedule")(requests[method])

    assert refusal(refused.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_schedules_are_listed_by_name_page_by_page(schedules) -> None:
    for name in ("weekly", "nightly", "hourly"):
        await schedules.CreateSchedule(create(name))

    first = await schedules.ListSchedules(ListSchedulesRequest(page_size=2))
    second = await schedules.ListSchedules(ListSchedulesRequest(page_size=2, page_token=first.next_page_token))

    assert [one.name for one in first.schedules] == ["schedules/hourly", NAME]
    assert [one.name for one in second.schedules] == ["schedules/weekly"]
    assert second.next_page_token == ""


async def test_an_update_changes_the_fields_of_its_mask_only(schedules) -> None:
    before = (await schedules.CreateSchedule(create())).schedule

    after = (await schedules.UpdateSchedule(update("cron", cron="0 5 * * *", time_zone="Asia/Tokyo"))).schedule

    assert (after.cron, after.time_zone, after.share) == ("0 5 * * *", "UTC", before.share)
    assert after.etag != before.etag


async def test_one_field_of_the_share_can_be_changed_or_taken_away(schedules) -> None:
    await schedules.CreateSchedule(create(share=share(time_limit=Duration(seconds=90))))

    changed = update("share.destination", "share.time_limit", share={"destination": "connections/corner/audiences/x"})
    after = (await schedules.UpdateSchedule(changed)).schedule

    assert after.share.destination == "connections/corner/audiences/x"
    assert after.share.source == share().source
    assert not after.share.HasField("time_limit")


@pytest.mark.parametrize("paths", [(), ("*",)])
async def test_an_update_without_a_mask_sets_all(schedules, paths) -> None:
    await schedules.CreateSchedule(create(time_zone="Asia/Tokyo", overlap=OVERLAP_POLICY_QUEUE))

    after = (await schedules.UpdateSchedule(update(*paths, share=share(), cron="0 5 * * *"))).schedule

    assert (after.cron, after.time_zone, after.overlap) == ("0 5 * * *", "UTC", OVERLAP_POLICY_SKIP)


@pytest.mark.parametrize("path", ["paused", "etag", "name", "colour", "share.colour"])
async def test_a_mask_names_what_can_be_changed(schedules, path) -> None:
    await schedules.CreateSchedule(create())

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await schedules.UpdateSchedule(update(path))

    assert violated(refused.value) == ["update_mask"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cron": "never"}, "schedule.cron"),
        ({"time_zone": "Mars"}, "schedule.time_zone"),
        ({"share": ScheduledShare(source="gold")}, "schedule.share.source"),
        ({"share": ScheduledShare()}, "schedule.share.source"),
    ],
)
async def test_a_bad_field_of_an_update_is_named(schedules, changes, field) -> None:
    await schedules.CreateSchedule(create())
    path = field.removeprefix("schedule.")

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await schedules.UpdateSchedule(update(path, **changes))

    assert violated(refused.value) == [field]


@pytest.mark.parametrize("name", ["", "nightly", "schedules/NIGHT"])
async def test_an_update_names_its_schedule(schedules, name) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await schedules.UpdateSchedule(update("cron", name=name, cron="0 5 * * *"))

    assert violated(refused.value) == ["schedule.name"]


async def test_an_update_on_an_old_etag_is_refused(schedules) -> None:
    etag = (await schedules.CreateSchedule(create())).schedule.etag
    await schedules.UpdateSchedule(update("cron", cron="0 5 * * *", etag=etag))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await schedules.UpdateSchedule(update("cron", cron="0 6 * * *", etag=etag))

    assert refusal(refused.value)[:2] == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")


async def test_the_same_update_again_gets_the_first_answer(schedules) -> None:
    etag = (await schedules.CreateSchedule(create())).schedule.etag
    asked = update("cron", cron="0 5 * * *", etag=etag, request_id=ID)

    assert await schedules.UpdateSchedule(asked) == await schedules.UpdateSchedule(asked)


async def test_a_paused_schedule_shows_no_next_runs(schedules) -> None:
    await schedules.CreateSchedule(create())

    paused = (await schedules.PauseSchedule(PauseScheduleRequest(name=NAME))).schedule
    resumed = (await schedules.ResumeSchedule(ResumeScheduleRequest(name=NAME))).schedule

    assert (paused.paused, list(paused.next_run_times)) == (True, [])
    assert (resumed.paused, len(resumed.next_run_times)) == (False, 5)


async def test_a_run_now_is_one_of_the_last_runs() -> None:
    gateway = core()
    async with serving(gateway) as (_, channel):
        schedules = ScheduleServiceStub(channel)
        await schedules.CreateSchedule(create(share=share(time_limit=Duration(seconds=90))))
        first = (await schedules.RunSchedule(RunScheduleRequest(name=NAME, request_id=ID))).run
        again = (await schedules.RunSchedule(RunScheduleRequest(name=NAME, request_id=ID))).run
        found = (await schedules.GetSchedule(GetScheduleRequest(name=NAME))).schedule

    assert (first.result, first.transfer) == (RUN_RESULT_STARTED, "transfers/t-1")
    assert first == again
    assert list(found.last_runs) == [first]
    assert isinstance(gateway.transfers, Transfers)
    (started,) = gateway.transfers.started
    assert (started.schedule, started.deadline is None) == ("nightly", False)


async def test_a_deleted_schedule_is_gone(schedules) -> None:
    await schedules.CreateSchedule(create())

    await schedules.DeleteSchedule(DeleteScheduleRequest(name=NAME))

    assert list((await schedules.ListSchedules(ListSchedulesRequest())).schedules) == []


async def test_to_delete_a_schedule_by_the_same_request_gets_the_first_answer(schedules) -> None:
    await schedules.CreateSchedule(create())
    asked = DeleteScheduleRequest(name=NAME, request_id=ID)

    assert await schedules.DeleteSchedule(asked) == await schedules.DeleteSchedule(asked)
