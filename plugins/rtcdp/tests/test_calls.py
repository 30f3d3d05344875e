"""Headers of calls, and what their refusals mean: bodies of errors are never trusted to be JSON (ims 7, 8)."""

from __future__ import annotations

import pytest
from aiohttp import web
from audience_gateway.sdk import ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway.sdk.rest import Conflict, KeyRefused, NotFound, RightsMissing, TokenRefused, VersionIsStale


@pytest.fixture
def caller(connect):
    return connect(sandbox="dev")._parts.platform.caller


async def refused(caller, verb="GET"):
    with pytest.raises(GatewayError) as caught:
        await caller.call(verb, "/x", body=None if verb == "GET" else {})
    return caught.value


async def test_every_call_names_key_organisation_and_sandbox(stub, caller):
    stub.then({})
    await caller.call("GET", "/x")
    sent = stub.headers[0]
    assert sent["Authorization"] == "Bearer token-1"
    assert (sent["x-api-key"], sent["x-gw-ims-org-id"], sent["x-sandbox-name"]) == ("gateway", "5A17@AdobeOrg", "dev")
    assert "Content-Type" not in sent


async def test_a_refused_token_is_renewed_once(stub, caller):
    stub.then({"error_code": "401013", "message": "Oauth token is not valid"}, 401)
    stub.then({"good": True})
    assert (await caller.call("GET", "/x")).content == {"good": True}
    assert [sent["Authorization"] for sent in stub.headers] == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, {"error_code": "403010", "message": "Oauth token is missing."}, TokenRefused),
        (401, {"error_code": 401013, "message": "Oauth token is not valid"}, TokenRefused),
        (403, {"error_code": "403000", "message": "Api Key is required"}, KeyRefused),
        (403, {"error_code": 403003, "message": "Api Key is invalid"}, KeyRefused),
        (400, {"error_code": "400003", "message": "Missing header"}, ConfigError),
        (403, {"error_code": "403025", "message": "Profile is not valid"}, KeyRefused),
        (403, {"error_code": "403023", "message": "Profile is not valid"}, KeyRefused),
        (403, {"type": "https://ns.adobe.com/aep/errors/UPAPI-113752-403", "title": "Forbidden"}, RightsMissing),
        (404, {"errors": {"404": [{"code": 404, "message": "none"}]}, "status": 404}, NotFound),
        (409, {"title": "NAMESPACE_CODE_CONFLICT"}, Conflict),
        (412, {"errorMessage": "Supplied version does not match"}, VersionIsStale),
        (400, "<html>Bad gateway</html>", Permanent),
        (500, "<html>Oops</html>", Transient),
        (502, {"error_code": "100970-502"}, Transient),
    ],
)
async def test_what_a_refusal_means_is_told_by_its_status_and_code(stub, caller, status, body, error):
    stub.answers += [stub.says(body, status)] * 2  # a refused token is tried anew
    assert isinstance(await refused(caller), error)


async def test_too_many_requests_say_how_long_to_wait(stub, caller):
    stub.then({"error_code": "429050", "message": "Too many requests"}, 429, Retry_After="38")
    error = await refused(caller)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 38


async def test_profile_access_says_milliseconds_as_text_in_a_list(stub, caller):
    stub.then([{"message": "slow down", "retryAfterMs": "500", "statusCode": "429"}], 429)
    assert (await refused(caller)).retry_after == 0.5


async def test_complaint_10_throttling_without_retry_after_makes_no_time_up(stub, caller):
    """Rtcdp 10.10."""
    stub.then("", 429)
    error = await refused(caller)
    assert isinstance(error, RateLimited)
    assert error.retry_after is None


async def test_the_systems_code_and_words_are_told_without_what_may_name_somebody(stub, caller):
    body = {
        "type": "https://ns.adobe.com/aep/errors/UPAPI-113434-400",
        "errors": {"400": [{"code": "400", "message": "namespace of ada@example.com is immutable"}]},
    }
    stub.then(body, 400)
    error = await refused(caller)
    assert error.code == "UPAPI-113434-400"
    assert "namespace of … is immutable" in str(error)


async def test_a_write_that_was_cut_off_may_have_arrived(stub, caller):
    stub.answers.append(stub.cut)
    error = await refused(caller, "POST")
    assert isinstance(error, Transient)
    assert error.sent


async def test_a_redirect_is_not_followed(stub, caller):
    stub.then("", 302, Location=f"{stub.url}/elsewhere")
    assert isinstance(await refused(caller), Permanent)
    assert stub.calls == [("GET", "/x")]


async def test_an_answer_that_is_no_json_is_told(stub, caller):
    stub.then("<html>Welcome</html>")
    with pytest.raises(Permanent, match="no JSON"):
        await caller.call("GET", "/x")


async def fetched(connector, path="/data/foundation/export/files/f-1"):
    return b"".join([piece async for piece in connector._parts.platform.caller.download(path, query=[("path", "p")])])


async def test_a_file_is_fetched_with_a_new_token_where_the_old_one_is_refused(stub, connect):
    stub.then({"error_code": "401013", "message": "Oauth token is not valid"}, 401)
    stub.then("bytes of a file")
    assert await fetched(connect()) == b"bytes of a file"
    assert [headers["Authorization"] for headers in stub.headers] == ["Bearer token-1", "Bearer token-2"]
    assert stub.queries == [[("path", "p")]] * 2


async def test_a_file_that_is_not_there_is_told_as_any_object(stub, connect):
    with pytest.raises(NotFound):
        await fetched(connect())


async def test_a_file_that_is_cut_off_may_come_the_next_time(stub, connect):
    async def half(request):
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        request.transport.abort()
        return response

    stub.answers.append(half)
    with pytest.raises(Transient, match="cannot be reached"):
        await fetched(connect())
