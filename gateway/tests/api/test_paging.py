from __future__ import annotations

import grpc
import pytest
from audience_gateway.api.paging import PageTokens, page, page_size
from audience_gateway.api.refusals import InvalidPageToken
from audience_gateway.v1.audience_service_pb2 import ListAudiencesRequest
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.connector_service_pb2 import ListConnectionsRequest
from audience_gateway.v1.identity_service_pb2 import ListIdTypesRequest
from hypothesis import given
from hypothesis import strategies as st
from loopback import core, refusal, serving

TOKENS = PageTokens(b"key")
ASKED = ListAudiencesRequest(parent="connections/corner", page_size=2)


@pytest.mark.parametrize(("asked", "given"), [(0, 100), (1, 1), (1000, 1000), (1001, 1000)])
def test_a_page_size_is_brought_into_range(asked: int, given: int) -> None:
    assert page_size(asked) == given


def test_a_token_is_good_for_the_same_request_with_another_page_size() -> None:
    token = TOKENS.issue("behind", ASKED)

    again = ListAudiencesRequest(parent="connections/corner", page_size=7, page_token=token)

    assert TOKENS.cursor(again) == "behind"


def test_a_token_is_not_good_for_another_parent() -> None:
    token = TOKENS.issue("behind", ASKED)

    with pytest.raises(InvalidPageToken):
        TOKENS.cursor(ListAudiencesRequest(parent="connections/other", page_token=token))


def test_a_token_is_not_good_for_another_method() -> None:
    token = TOKENS.issue("behind", ListConnectionsRequest())

    with pytest.raises(InvalidPageToken):
        TOKENS.cursor(ListIdTypesRequest(page_token=token))


def test_a_token_of_another_gateway_is_not_good() -> None:
    token = PageTokens(b"another key").issue("behind", ASKED)

    with pytest.raises(InvalidPageToken):
        TOKENS.cursor(ListAudiencesRequest(parent="connections/corner", page_token=token))


@given(st.text(max_size=100))
def test_no_made_up_token_is_good(token: str) -> None:
    if token:
        with pytest.raises(InvalidPageToken):
            TOKENS.cursor(ListAudiencesRequest(page_token=token))


@given(st.sets(st.integers(0, 50)), st.integers(1, 60))
def test_pages_together_are_the_whole_list(numbers: set[int], size: int) -> None:
    entries = [f"{number:02d}" for number in sorted(numbers)]
    seen: list[str] = []
    request = ListConnectionsRequest(page_size=size)
    while True:
        chosen, request.page_token = page(entries, lambda entry: entry, request, TOKENS)
        seen += chosen
        if not request.page_token:
            break

    assert seen == entries


async def test_a_wrong_token_is_refused_with_its_own_reason() -> None:
    async with serving(core()) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).ListAudiences(
                ListAudiencesRequest(parent="connections/corner", page_token="bm9uc2Vuc2U")
            )

    assert refusal(caught.value)[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN")
