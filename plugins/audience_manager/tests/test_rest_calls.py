"""Calls: headers, tokens, and what refusals mean."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import AuthError, ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway.sdk.audience_manager.rest import (
    Conflict,
    KeyRefused,
    NotFound,
    RightsMissing,
    TokenRefused,
    caller_of,
)
from audience_gateway.sdk.rest import Refused


@pytest.fixture
def caller(stub, context):
    return caller_of(stub.url, context, "ims", 5)


async def test_a_call_carries_token_key_and_organisation(stub, caller):
    await caller.call("GET", "/traits/", query=[("page", "0"), ("pageSize", "1")])
    sent = {name: stub.headers[0][name] for name in ("Authorization", "x-api-key", "x-gw-ims-org-id", "Accept")}
    assert sent == {
        "Authorization": "Bearer token-1",
        "x-api-key": "gateway",
        "x-gw-ims-org-id": "5A17@AdobeOrg",
        "Accept": "application/json",
    }


async def test_a_refused_token_is_renewed_once(stub, caller):
    stub.add("traits", 1)
    stub.good_token = "token-2"
    assert (await caller.call("GET", "/traits/1")).content["sid"] == 1
    stub.good_token = "token-3"
    with pytest.raises(TokenRefused) as caught:
        await caller.call("GET", "/traits/1")
    assert len(stub.calls) == 4
    assert "token-" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, '{"error_code":"403003","message":"Api Key is invalid"}', KeyRefused),
        (403, '{"error_code":403000}', KeyRefused),
        (403, '{"error_code":"403025","message":"Profile is not valid"}', KeyRefused),
        (403, '{"code":403,"message":"no"}', RightsMissing),
        (403, "<html>Forbidden</html>", RightsMissing),
        (400, '{"error_code":400003}', ConfigError),
        (400, "not JSON", Refused),
        (404, "", NotFound),
        (409, '{"message":"in use"}', Conflict),
        (500, "", Transient),
        (503, "<html/>", Transient),
        (302, "", Refused),
        (200, "<html>a portal</html>", Permanent),
    ],
)
async def test_each_refusal_is_an_error_of_its_own(stub, caller, status, body, kind):
    stub.answers = [stub.says(body, status)]
    with pytest.raises(GatewayError) as caught:
        await caller.call("GET", "/traits/1")
    assert type(caught.value) is kind
    assert not caught.value.sent


def test_key_and_token_are_told_apart_and_both_are_matters_of_access():
    assert issubclass(KeyRefused, AuthError)
    assert issubclass(TokenRefused, AuthError)
    assert not issubclass(KeyRefused, TokenRefused)


@pytest.mark.parametrize(("header", "seconds"), [("17", 17), ("soon", None), ("", None)])
async def test_a_limited_rate_says_how_long_to_wait(stub, caller, header, seconds):
    stub.answers = [stub.says("{}", 429, Retry_After=header)]
    with pytest.raises(RateLimited) as caught:
        await caller.call("GET", "/traits/1")
    assert caught.value.retry_after == seconds


async def test_a_refusal_shows_no_word_that_may_be_an_id_or_a_token(stub, caller):
    stub.answers = [stub.says('{"message":"bad name jane@example.com or crm-77 of the trait"}', 400)]
    with pytest.raises(Permanent, match="bad name … or … of the trait"):
        await caller.call("POST", "/traits/", body={})


@pytest.mark.parametrize(("verb", "sent"), [("GET", False), ("POST", True)])
async def test_a_lost_answer_leaves_in_doubt_what_was_to_be_changed(stub, caller, verb, sent):
    stub.answers = [stub.cut, stub.cut]  # a GET is sent again by itself
    with pytest.raises(Transient) as caught:
        await caller.call(verb, "/traits/1")
    assert caught.value.sent is sent


async def test_where_nobody_listens_nothing_was_sent(context):
    with pytest.raises(Transient) as caught:
        await caller_of("http://127.0.0.1:9/v1", context, "ims", 5).call("POST", "/traits/", body={})
    assert not caught.value.sent
