"""Records are created for callers who have the right to ask for it, at once or by a schedule."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import grpc
import pytest
import structlog
from audience_gateway.api.rights import Rights
from audience_gateway.server.settings import CallerSettings
from audience_gateway.v1.audience_service_pb2 import ShareAudienceRequest
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.schedule_pb2 import Schedule, ScheduledShare
from audience_gateway.v1.schedule_service_pb2 import (
    CreateScheduleRequest,
    DeleteScheduleRequest,
    RunScheduleRequest,
    UpdateScheduleRequest,
)
from audience_gateway.v1.schedule_service_pb2_grpc import ScheduleServiceStub
from google.protobuf.field_mask_pb2 import FieldMask
from loopback import Transfers, core, refusal, serving

DENIED = (grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED")
OWNER = (("authorization", "Bearer of-the-owner"),)
AUDITOR = (("authorization", "Bearer of-the-auditor"),)
SHARE = {
    "source": "connections/corner/audiences/list-0",
    "destination": "connections/corner/audiences/list-1",
    "data_source": "dataSources/cards",
}


@pytest.fixture
def transfers() -> Transfers:
    return Transfers()


@pytest.fixture
async def channel(monkeypatch: pytest.MonkeyPatch, transfers: Transfers) -> AsyncIterator[grpc.aio.Channel]:
    """To a gateway with an owner who may have records created, and an auditor who may not."""
    monkeypatch.setenv("OWNER", "of-the-owner")
    monkeypatch.setenv("AUDITOR", "of-the-auditor")
    owner = CallerSettings(token="env:OWNER", rights=("create_records",)).named("owner")  # a reference
    auditor = CallerSettings(token="env:AUDITOR", rights=("reveal_ids",)).named("auditor")  # a reference
    made = core()
    schedules = replace(made, transfers=transfers, rights=Rights((owner, auditor)))
    async with serving(schedules) as (_, channel):
        yield channel


def scheduled(**changes: object) -> ScheduledShare:
    return ScheduledShare(**{**SHARE, **changes})


async def test_who_has_the_right_has_records_created_and_that_is_noted(channel, transfers):
    request = ShareAudienceRequest(**SHARE, create_unknown_records=True)
    with structlog.testing.capture_logs() as log:
        await AudienceServiceStub(channel).ShareAudience(request, metadata=OWNER, timeout=10)
    [noted] = [entry for entry in log if entry["event"] == "records_asked_for"]
    assert (noted["caller"], noted["subject"]) == ("owner", SHARE["destination"])
    assert [asked.create_unknown_records for asked in transfers.started] == [True]


@pytest.mark.parametrize("metadata", [None, AUDITOR])
async def test_others_are_refused_and_share_without_it(channel, transfers, metadata):
    share = AudienceServiceStub(channel).ShareAudience
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await share(ShareAudienceRequest(**SHARE, create_unknown_records=True), metadata=metadata, timeout=10)
    assert refusal(error.value)[:2] == DENIED
    assert transfers.started == []
    await share(ShareAudienceRequest(**SHARE), metadata=metadata, timeout=10)
    assert [asked.create_unknown_records for asked in transfers.started] == [False]


async def test_a_schedule_that_creates_records_is_made_and_changed_by_who_has_the_right(channel):
    schedules = ScheduleServiceStub(channel)
    creating = Schedule(share=scheduled(create_unknown_records=True), cron="0 4 * * *")
    create = CreateScheduleRequest(schedule_id="nightly", schedule=creating)
    other_source = UpdateScheduleRequest(
        schedule=Schedule(
            name="schedules/nightly", share=scheduled(source="connections/corner/audiences/list-2"), cron="0 5 * * *"
        ),
        update_mask=FieldMask(paths=["share.source"]),
    )
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await schedules.CreateSchedule(create, metadata=AUDITOR, timeout=10)
    assert refusal(error.value)[:2] == DENIED
    made = await schedules.CreateSchedule(create, metadata=OWNER, timeout=10)
    assert made.schedule.share.create_unknown_records
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await schedules.UpdateSchedule(other_source, timeout=10)
    assert refusal(error.value)[:2] == DENIED
    changed = await schedules.UpdateSchedule(other_source, metadata=OWNER, timeout=10)
    assert changed.schedule.share.create_unknown_records
    await schedules.RunSchedule(RunScheduleRequest(name="schedules/nightly"), timeout=10)


async def test_a_schedule_that_only_reports_is_made_to_create_by_who_has_the_right(channel):
    schedules = ScheduleServiceStub(channel)
    create = CreateScheduleRequest(schedule_id="nightly", schedule=Schedule(share=scheduled(), cron="0 4 * * *"))
    await schedules.CreateSchedule(create, timeout=10)
    update = UpdateScheduleRequest(
        schedule=Schedule(name="schedules/nightly", share=scheduled(create_unknown_records=True), cron="0 4 * * *"),
        update_mask=FieldMask(paths=["share.create_unknown_records"]),
    )
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await schedules.UpdateSchedule(update, metadata=AUDITOR, timeout=10)
    assert refusal(error.value)[:2] == DENIED
    assert (await schedules.UpdateSchedule(update, metadata=OWNER, timeout=10)).schedule.share.create_unknown_records


async def test_a_change_that_was_made_is_answered_again_though_the_schedule_has_gone(channel):
    schedules = ScheduleServiceStub(channel)
    creating = Schedule(share=scheduled(create_unknown_records=True), cron="0 4 * * *")
    await schedules.CreateSchedule(
        CreateScheduleRequest(schedule_id="nightly", schedule=creating), metadata=OWNER, timeout=10
    )
    update = UpdateScheduleRequest(
        schedule=Schedule(name="schedules/nightly", share=scheduled(), cron="0 5 * * *"),
        update_mask=FieldMask(paths=["cron"]),
        request_id="1c9c5f0e-6ea9-4a4e-a1a3-3f3f6d1f2b7a",
    )
    first = await schedules.UpdateSchedule(update, metadata=OWNER, timeout=10)
    await schedules.DeleteSchedule(DeleteScheduleRequest(name="schedules/nightly"), timeout=10)
    assert await schedules.UpdateSchedule(update, metadata=OWNER, timeout=10) == first
