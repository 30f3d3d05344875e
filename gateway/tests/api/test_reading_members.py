"""ReadMembers over real connections: every member once, wherever reading was broken off."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest
from audience_gateway.api import members
from audience_gateway.sdk import MemberBatch, MemberPage, ReadRequest, Transient
from audience_gateway.v1 import audience_service_pb2 as messages
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.members_pb2 import MEMBER_FORMAT_ARROW, MEMBER_FORMAT_PACKED
from google.rpc import error_details_pb2
from loopback import Bare, core, detail, refusal, serving

NAME = "connections/corner/audiences/list-1"
LARGEST = 131_072
PAGES = (3, 0, 2 * LARGEST + 5, 1)
"""Rows of the pages that the library has: one of them has more rows than a message may have."""
ROWS = sum(PAGES)


class Library(Bare):
    """A connector whose members are numbers; its token is the number that comes next, and the page."""

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        if request.audience == "list-0":
            raise Transient("the library burns", place="library.example")
        row, page = (int(part) for part in (request.after or "0/0").split("/"))
        for rows in PAGES[page:]:
            ids = [str(number) if number % 10 else None for number in range(row, row + rows)]
            row, page = row + rows, page + 1
            yield MemberPage(MemberBatch.of(ids), f"{row}/{page}")


def request(**changes: object) -> messages.ReadMembersRequest:
    fields: dict[str, object] = {"name": NAME, "data_source": "dataSources/cards"}
    return messages.ReadMembersRequest(**{**fields, **changes})


async def read(channel: grpc.aio.Channel, **changes: object) -> list[messages.ReadMembersResponse]:
    return [response async for response in AudienceServiceStub(channel).ReadMembers(request(**changes), timeout=60)]


def ids_of(*responses: messages.ReadMembersResponse) -> list[str | None]:
    batches = [members.decode(response.members, "members", LARGEST) for response in responses]
    return [one for batch in batches for one in batch.columns.column("id").to_pylist()]


EVERYBODY = [str(number) if number % 10 else None for number in range(ROWS)]


@pytest.mark.parametrize("format_", [MEMBER_FORMAT_PACKED, MEMBER_FORMAT_ARROW])
async def test_all_members_come_in_the_order_of_the_source(format_: int) -> None:
    async with serving(core(connector=Library)) as (_, channel):
        responses = await read(channel, format=format_)

    assert ids_of(*responses) == EVERYBODY
    assert {response.members.WhichOneof("rows") for response in responses} == {
        "arrow" if format_ == MEMBER_FORMAT_ARROW else "packed"
    }


async def test_broken_off_anywhere_reading_goes_on_without_loss_or_repeat() -> None:
    async with serving(core(connector=Library)) as (_, channel):
        responses = await read(channel)
        for number, response in enumerate(responses, 1):
            rest = await read(channel, resume_token=response.resume_token)
            assert ids_of(*responses[:number], *rest) == EVERYBODY

    assert len(responses) > len(PAGES)


async def test_a_token_is_good_for_no_other_request() -> None:
    async with serving(core(connector=Library)) as (_, channel):
        [first, *_] = await read(channel)
        for changes in (
            {"name": "connections/corner/audiences/list-2"},
            {"format": MEMBER_FORMAT_ARROW},
            {"data_source": "dataSources/other"},
        ):
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await read(channel, resume_token=first.resume_token, **changes)
            [violation] = detail(error.value, error_details_pb2.BadRequest()).field_violations
            assert violation.field == "resume_token"


async def test_what_the_connector_raises_ends_the_call() -> None:
    async with serving(core(connector=Library)) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await read(channel, name="connections/corner/audiences/list-0")

    assert refusal(error.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "TRANSIENT")


async def test_a_connector_that_cannot_read_members_says_so() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await read(channel)

    assert refusal(error.value)[:2] == (grpc.StatusCode.UNIMPLEMENTED, "NOT_SUPPORTED")


async def rest_of(reading: grpc.aio.UnaryStreamCall) -> None:
    while await reading.read() is not grpc.aio.EOF:
        pass


async def test_when_the_server_drains_reading_ends_with_a_hint_to_go_on() -> None:
    async with serving(core(connector=Library)) as (app, channel):
        reading = AudienceServiceStub(channel).ReadMembers(request(), timeout=60)
        first = await reading.read()
        assert isinstance(first, messages.ReadMembersResponse)
        app.draining.set()
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await rest_of(reading)

    assert refusal(error.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
