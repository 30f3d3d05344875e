from __future__ import annotations

import grpc
import pytest
from audience_gateway.v1.erasure_pb2 import ERASURE_STATE_DONE, ERASURE_STATE_PENDING
from audience_gateway.v1.identity_service_pb2 import EraseIdentitiesRequest, GetErasureRequest, ListErasuresRequest
from audience_gateway.v1.identity_service_pb2_grpc import IdentityServiceStub
from loopback import core, refusal, serving

SOURCES = ["dataSources/cards"]


async def test_ids_are_erased_once_however_often_the_request_comes() -> None:
    served = core()
    request = EraseIdentitiesRequest(
        data_sources=SOURCES, ids=["4711", ""], request_id="6a7b0f2e-8f2b-4a5e-9a83-0f0f3d8a2b11"
    )
    async with serving(served) as (_, channel):
        answers = [await IdentityServiceStub(channel).EraseIdentities(request) for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(served.erasing.told) == 1
    assert [(one.index, one.reason) for one in answers[0].refused] == [(1, "no_id")]
    assert answers[0].erasure.name == "erasures/one"


async def test_where_no_id_is_one_there_is_no_erasure() -> None:
    async with serving(core()) as (_, channel):
        answer = await IdentityServiceStub(channel).EraseIdentities(
            EraseIdentitiesRequest(data_sources=SOURCES, ids=[""])
        )

    assert not answer.HasField("erasure")


async def test_each_place_says_how_far_it_is_and_has_its_receipt_once_it_has_ended() -> None:
    async with serving(core()) as (_, channel):
        answer = await IdentityServiceStub(channel).GetErasure(GetErasureRequest(name="erasures/one"))

    own, there = answer.erasure.targets
    assert (own.audience, own.state) == ("", ERASURE_STATE_DONE)
    assert (own.canonical_json, len(own.signature)) == ('{"state":"done"}', 64)
    assert (there.audience, there.state) == ("connections/corner/audiences/gold", ERASURE_STATE_PENDING)
    assert (there.transfer, there.failure.reason, there.canonical_json) == ("transfers/t", "TRANSIENT", "")
    assert not answer.erasure.ended


async def test_an_erasure_that_is_not_there_is_not_found() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await IdentityServiceStub(channel).GetErasure(GetErasureRequest(name="erasures/unknown"))

    assert refusal(caught.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_erasures_come_in_pages() -> None:
    async with serving(core()) as (_, channel):
        stub = IdentityServiceStub(channel)
        first = await stub.ListErasures(ListErasuresRequest(page_size=2))
        second = await stub.ListErasures(ListErasuresRequest(page_size=2, page_token=first.next_page_token))

    names = [[one.name for one in page.erasures] for page in (first, second)]
    assert names == [["erasures/a", "erasures/b"], ["erasures/c"]]
