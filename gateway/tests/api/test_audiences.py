from __future__ import annotations

from datetime import timedelta

import grpc
import pytest
from audience_gateway.sdk import CandidatePolicy
from audience_gateway.transfers.model import AudienceRef, GuardLimits, ShareRequest
from audience_gateway.v1 import transfer_pb2
from audience_gateway.v1.audience_service_pb2 import (
    GetAudienceRequest,
    ListAudiencesRequest,
    ShareAudienceRequest,
)
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.identity_pb2 import CANDIDATE_POLICY_REJECT
from loopback import NOON, Bare, Transfers, core, refusal, serving

SHARE = ShareAudienceRequest(
    source="connections/corner/audiences/list-0",
    destination="connections/corner/audiences/list-1",
    data_source="dataSources/cards",
)


async def test_audiences_of_a_connection_come_page_by_page() -> None:
    async with serving(core({"corner": {"audiences": 3}})) as (_, channel):
        audiences = AudienceServiceStub(channel)
        asked = ListAudiencesRequest(parent="connections/corner", page_size=2)
        first = await audiences.ListAudiences(asked)
        asked.page_token = first.next_page_token
        second = await audiences.ListAudiences(asked)

    assert [audience.title for audience in first.audiences] == ["List 0", "List 1"]
    assert [audience.title for audience in second.audiences] == ["List 2"]
    assert second.next_page_token == ""


async def test_audiences_of_all_connections_name_those_that_are_down() -> None:
    async with serving(core({"a": {"audiences": 1}, "b": {"closed": True}, "c": {"audiences": 1}})) as (_, channel):
        listed = await AudienceServiceStub(channel).ListAudiences(ListAudiencesRequest(parent="connections/-"))

    assert [audience.name for audience in listed.audiences] == [
        "connections/a/audiences/list-0",
        "connections/c/audiences/list-0",
    ]
    assert listed.unreachable == ["connections/b"]


async def test_audiences_of_one_connection_that_is_down_are_an_error() -> None:
    async with serving(core({"b": {"closed": True}})) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).ListAudiences(ListAudiencesRequest(parent="connections/b"))

    code, reason, info = refusal(caught.value)
    assert (code, reason) == (grpc.StatusCode.UNAVAILABLE, "TRANSIENT")
    assert dict(info.metadata) == {"place": "shop.example", "remedy": "Come again."}


async def test_an_audience_has_all_that_its_system_says() -> None:
    async with serving(core()) as (_, channel):
        answer = await AudienceServiceStub(channel).GetAudience(
            GetAudienceRequest(name="connections/corner/audiences/list-2")
        )

    assert (answer.audience.title, answer.audience.size) == ("List 2", 2)
    assert answer.audience.update_time.ToDatetime(NOON.tzinfo) == NOON


@pytest.mark.parametrize("name", ["connections/corner/audiences/none", "connections/none/audiences/list-0"])
async def test_an_audience_that_is_not_there_is_not_found(name: str) -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).GetAudience(GetAudienceRequest(name=name))

    assert refusal(caught.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def shared(request: ShareAudienceRequest) -> ShareRequest:
    """What the core is asked for."""
    asked = core()
    assert isinstance(asked.transfers, Transfers)
    async with serving(asked) as (_, channel):
        answer = await AudienceServiceStub(channel).ShareAudience(request)
    assert answer.transfer.state == transfer_pb2.TRANSFER_STATE_PENDING
    return asked.transfers.started[0]


async def test_sharing_asks_the_core_for_what_the_request_says() -> None:
    request = ShareAudienceRequest(
        candidate_policy=CANDIDATE_POLICY_REJECT,
        guard=transfer_pb2.Guard(removed_rows=5, removed_share=0.5),
        purposes=["mail"],
        request_id="0D8E3C5A-6D1C-4E9C-9A0E-2F6B1C3D4E5F",
    )
    request.MergeFrom(SHARE)

    assert await shared(request) == ShareRequest(
        source=AudienceRef("corner", "list-0"),
        destination=AudienceRef("corner", "list-1"),
        data_source="cards",
        policy=CandidatePolicy.REJECT,
        guard=GuardLimits(removed_rows=5, removed_share=0.5),
        purposes=("mail",),
        request_id="0d8e3c5a-6d1c-4e9c-9a0e-2f6b1c3d4e5f",
    )


async def test_limits_of_the_guard_that_are_left_open_are_left_to_the_core() -> None:
    request = ShareAudienceRequest(guard=transfer_pb2.Guard(removed_rows=5, match_points=0))
    request.guard.stale_after.FromTimedelta(timedelta(hours=36))
    request.MergeFrom(SHARE)

    assert (await shared(request)).guard == GuardLimits(
        removed_rows=5, removed_share=None, match_points=0, match_rows=None, stale_after=timedelta(hours=36)
    )


async def test_a_share_that_only_validates_is_a_dry_run() -> None:
    request = ShareAudienceRequest(validate_only=True)
    request.MergeFrom(SHARE)

    assert (await shared(request)).dry_run
    assert not (await shared(SHARE)).dry_run


async def test_what_sharing_leaves_open_is_left_to_the_core() -> None:
    asked = await shared(SHARE)

    assert (asked.policy, asked.guard, asked.request_id) == (None, None, "")


async def test_sharing_with_a_connection_that_is_not_configured_is_not_found() -> None:
    request = ShareAudienceRequest(destination="connections/none/audiences/list-1")
    request.MergeFrom(ShareAudienceRequest(source=SHARE.source, data_source=SHARE.data_source))
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).ShareAudience(request)

    code, reason, info = refusal(caught.value)
    assert (code, reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert "[connections.none]" in info.metadata["remedy"]


async def test_audiences_of_a_connector_without_a_catalogue_are_not_supported() -> None:
    bare = core(connector=Bare)
    async with serving(bare) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).ListAudiences(ListAudiencesRequest(parent="connections/corner"))

    assert refusal(caught.value)[:2] == (grpc.StatusCode.UNIMPLEMENTED, "NOT_SUPPORTED")
