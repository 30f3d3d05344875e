from __future__ import annotations

import grpc
import pytest
from audience_gateway.suppression.model import SuppressionKind
from audience_gateway.v1.identity_pb2 import SUPPRESSION_KIND_ERASED, SUPPRESSION_KIND_OPT_OUT
from audience_gateway.v1.identity_service_pb2 import (
    ListSuppressionsRequest,
    SuppressIdentitiesRequest,
    UnsuppressIdentitiesRequest,
)
from audience_gateway.v1.identity_service_pb2_grpc import IdentityServiceStub
from loopback import NOON, core, refusal, serving

IDS = {"data_sources": ["dataSources/cards"], "ids": ["4711", ""]}


async def test_ids_are_suppressed_and_those_that_are_none_answered_by_position() -> None:
    served = core()
    async with serving(served) as (_, channel):
        answer = await IdentityServiceStub(channel).SuppressIdentities(
            SuppressIdentitiesRequest(**IDS, purposes=["mail"], in_clear=True)
        )

    [(people, purposes)] = served.suppressing.told
    assert (list(people.ids), list(people.data_sources), people.encoded) == (["4711", ""], ["cards"], False)
    assert (purposes, answer.entered) == (("mail",), 1)
    [refused] = answer.refused
    assert (refused.index, refused.data_source, refused.reason) == (1, "dataSources/cards", "no_id")


async def test_the_same_request_is_answered_once() -> None:
    served = core()
    request = SuppressIdentitiesRequest(**IDS, request_id="6a7b0f2e-8f2b-4a5e-9a83-0f0f3d8a2b11")
    async with serving(served) as (_, channel):
        answers = [await IdentityServiceStub(channel).SuppressIdentities(request) for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(served.suppressing.told) == 1


@pytest.mark.parametrize(
    ("kind", "lifted"), [(0, SuppressionKind.OPT_OUT), (SUPPRESSION_KIND_ERASED, SuppressionKind.ERASED)]
)
async def test_opt_outs_are_lifted_unless_erasures_are_meant(kind, lifted) -> None:
    served = core()
    async with serving(served) as (_, channel):
        answer = await IdentityServiceStub(channel).UnsuppressIdentities(UnsuppressIdentitiesRequest(**IDS, kind=kind))

    assert (answer.lifted, served.suppressing.lifted) == (1, [lifted])


async def test_the_list_comes_in_pages_and_by_fingerprints() -> None:
    async with serving(core()) as (_, channel):
        stub = IdentityServiceStub(channel)
        first = await stub.ListSuppressions(ListSuppressionsRequest(page_size=3))
        second = await stub.ListSuppressions(ListSuppressionsRequest(page_size=3, page_token=first.next_page_token))

    assert [len(first.suppressions), len(second.suppressions), second.next_page_token] == [3, 2, ""]
    one = first.suppressions[0]
    assert (one.data_source, one.kind, list(one.purposes)) == (
        "dataSources/cards",
        SUPPRESSION_KIND_OPT_OUT,
        ["mail"],
    )
    assert one.create_time.ToDatetime(tzinfo=NOON.tzinfo) == NOON
    assert "key" not in one.id_fingerprint


async def test_a_call_without_a_data_source_or_with_too_many_ids_is_refused() -> None:
    async with serving(core()) as (_, channel):
        for request in (
            SuppressIdentitiesRequest(ids=["1"]),
            SuppressIdentitiesRequest(data_sources=["dataSources/cards"], ids=["1"] * 10_001),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await IdentityServiceStub(channel).SuppressIdentities(request)
            assert refusal(caught.value)[0] is grpc.StatusCode.INVALID_ARGUMENT
