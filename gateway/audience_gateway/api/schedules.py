"""ScheduleService."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc.aio

from audience_gateway.api import names, schedule_messages, validation
from audience_gateway.api.creating import Creating
from audience_gateway.api.paging import PageTokens, page_size
from audience_gateway.api.refusals import AlreadyExists, EtagMismatch, InvalidRequest, NotFound
from audience_gateway.api.replays import Replays
from audience_gateway.schedules.service import (
    ScheduleChanged,
    ScheduleExists,
    ScheduleNotFound,
    ScheduleService,
    UnusableField,
)
from audience_gateway.v1 import schedule_service_pb2, schedule_service_pb2_grpc


class ScheduleServicer(schedule_service_pb2_grpc.ScheduleServiceServicer):
    """Sharing audiences again and again."""

    def __init__(self, schedules: ScheduleService, tokens: PageTokens, replays: Replays, creating: Creating) -> None:
        self._schedules = schedules
        self._tokens = tokens
        self._replays = replays
        self._creating = creating

    async def CreateSchedule(
        self,
        request: schedule_service_pb2.CreateScheduleRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.CreateScheduleRequest, schedule_service_pb2.CreateScheduleResponse
        ],
    ) -> schedule_service_pb2.CreateScheduleResponse:
        """Creates a schedule."""
        subject = names.schedule(request.schedule_id)
        await self._creating.allow(subject, context, asked=request.schedule.share.create_unknown_records)

        async def respond() -> schedule_service_pb2.CreateScheduleResponse:
            definition = schedule_messages.definition(request.schedule)
            with _refusing(names.schedule(request.schedule_id)):
                created = await self._schedules.create(
                    request.schedule_id, definition, request_id=request.request_id.lower()
                )
            return schedule_service_pb2.CreateScheduleResponse(schedule=schedule_messages.schedule(created))

        answer = schedule_service_pb2.CreateScheduleResponse
        return await self._replays.once("CreateSchedule", request, answer, respond)

    async def GetSchedule(
        self,
        request: schedule_service_pb2.GetScheduleRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.GetScheduleRequest, schedule_service_pb2.GetScheduleResponse
        ],
    ) -> schedule_service_pb2.GetScheduleResponse:
        """Gets one schedule."""
        with _refusing(request.name):
            found = await self._schedules.get(names.last(request.name))
        return schedule_service_pb2.GetScheduleResponse(schedule=schedule_messages.schedule(found))

    async def ListSchedules(
        self,
        request: schedule_service_pb2.ListSchedulesRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.ListSchedulesRequest, schedule_service_pb2.ListSchedulesResponse
        ],
    ) -> schedule_service_pb2.ListSchedulesResponse:
        """Lists schedules, ordered by name."""
        size = page_size(request.page_size)
        found = await self._schedules.list(after=self._tokens.cursor(request), limit=size + 1)
        token = self._tokens.issue(found[size - 1].schedule.name, request) if len(found) > size else ""
        return schedule_service_pb2.ListSchedulesResponse(
            schedules=map(schedule_messages.schedule, found[:size]), next_page_token=token
        )

    async def UpdateSchedule(
        self,
        request: schedule_service_pb2.UpdateScheduleRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.UpdateScheduleRequest, schedule_service_pb2.UpdateScheduleResponse
        ],
    ) -> schedule_service_pb2.UpdateScheduleResponse:
        """Changes a schedule."""
        update, mask = request.schedule, request.update_mask
        validation.check(schedule_service_pb2.GetScheduleRequest(name=update.name), "schedule")

        async def respond() -> schedule_service_pb2.UpdateScheduleResponse:
            with _refusing(update.name):
                before = await self._schedules.get(names.last(update.name))
                asked = before.schedule.definition.share.create_unknown_records or update.share.create_unknown_records
                await self._creating.allow(update.name, context, asked=asked)
                updated = await self._schedules.update(
                    names.last(update.name),
                    lambda before: schedule_messages.changed(before, update, mask),
                    etag=update.etag,
                    request_id=request.request_id.lower(),
                )
            return schedule_service_pb2.UpdateScheduleResponse(schedule=schedule_messages.schedule(updated))

        answer = schedule_service_pb2.UpdateScheduleResponse
        return await self._replays.once("UpdateSchedule", request, answer, respond)

    async def DeleteSchedule(
        self,
        request: schedule_service_pb2.DeleteScheduleRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.DeleteScheduleRequest, schedule_service_pb2.DeleteScheduleResponse
        ],
    ) -> schedule_service_pb2.DeleteScheduleResponse:
        """Deletes a schedule."""

        async def respond() -> schedule_service_pb2.DeleteScheduleResponse:
            with _refusing(request.name):
                await self._schedules.delete(names.last(request.name))
            return schedule_service_pb2.DeleteScheduleResponse()

        answer = schedule_service_pb2.DeleteScheduleResponse
        return await self._replays.once("DeleteSchedule", request, answer, respond)

    async def PauseSchedule(
        self,
        request: schedule_service_pb2.PauseScheduleRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.PauseScheduleRequest, schedule_service_pb2.PauseScheduleResponse
        ],
    ) -> schedule_service_pb2.PauseScheduleResponse:
        """Lets no further run begin."""

        async def respond() -> schedule_service_pb2.PauseScheduleResponse:
            with _refusing(request.name):
                paused = await self._schedules.pause(names.last(request.name))
            return schedule_service_pb2.PauseScheduleResponse(schedule=schedule_messages.schedule(paused))

        answer = schedule_service_pb2.PauseScheduleResponse
        return await self._replays.once("PauseSchedule", request, answer, respond)

    async def ResumeSchedule(
        self,
        request: schedule_service_pb2.ResumeScheduleRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.ResumeScheduleRequest, schedule_service_pb2.ResumeScheduleResponse
        ],
    ) -> schedule_service_pb2.ResumeScheduleResponse:
        """Lets runs begin again."""

        async def respond() -> schedule_service_pb2.ResumeScheduleResponse:
            with _refusing(request.name):
                resumed = await self._schedules.resume(names.last(request.name))
            return schedule_service_pb2.ResumeScheduleResponse(schedule=schedule_messages.schedule(resumed))

        answer = schedule_service_pb2.ResumeScheduleResponse
        return await self._replays.once("ResumeSchedule", request, answer, respond)

    async def RunSchedule(
        self,
        request: schedule_service_pb2.RunScheduleRequest,
        context: grpc.aio.ServicerContext[
            schedule_service_pb2.RunScheduleRequest, schedule_service_pb2.RunScheduleResponse
        ],
    ) -> schedule_service_pb2.RunScheduleResponse:
        """Starts a run now."""

        async def respond() -> schedule_service_pb2.RunScheduleResponse:
            with _refusing(request.name):
                run = await self._schedules.run(names.last(request.name), request_id=request.request_id.lower())
            return schedule_service_pb2.RunScheduleResponse(run=schedule_messages.run(run))

        answer = schedule_service_pb2.RunScheduleResponse
        return await self._replays.once("RunSchedule", request, answer, respond)


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turns what the core refuses into the API's refusals of the schedule of that name."""
    try:
        yield
    except ScheduleNotFound:
        raise NotFound(name) from None
    except ScheduleExists:
        raise AlreadyExists(name) from None
    except ScheduleChanged:
        raise EtagMismatch(name) from None
    except UnusableField as error:
        raise InvalidRequest.of(f"schedule.{error.field}", str(error)) from None
