from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from audience_gateway.sdk import AuthError, CredentialProvider, Permanent, RateLimited, Transient


async def test_sends_client_credentials_in_the_form_body(provider, service):
    await provider.token()
    assert service.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "client",
            "client_secret": "first-secret",
            "scope": "openid,session,AdobeID,read_organizations,additional_info.projectedProductContext",
        }
    ]


async def test_without_scopes_none_is_sent(provider_of, service):
    await provider_of(scopes=()).token()
    assert "scope" not in service.forms[0]


async def test_a_token_is_reused(provider, service):
    assert [await provider.token(), await provider.token()] == ["token-1", "token-1"]
    assert len(service.forms) == 1


async def test_a_token_is_replaced_300_seconds_before_its_end(provider, context):
    await provider.token()
    context.pass_seconds(86399 - 301)
    assert await provider.token() == "token-1"
    context.pass_seconds(2)
    assert await provider.token() == "token-2"


async def test_a_token_that_lives_shorter_than_the_margin_is_still_reused(provider, service, context):
    service.will_answer(service.token("short-1", lifetime=100), service.token("short-2", lifetime=100))
    await provider.token()
    context.pass_seconds(49)
    assert await provider.token() == "short-1"
    context.pass_seconds(2)
    assert await provider.token() == "short-2"


async def test_many_callers_share_one_request(provider, service):
    tokens = await asyncio.gather(*(provider.token() for _ in range(50)))
    assert set(tokens) == {"token-1"}
    assert len(service.forms) == 1


async def test_many_callers_share_one_failure(provider_of, service):
    service.will_answer(service.error(400, "invalid_client", "invalid client_secret parameter"))
    provider = provider_of(client_secrets=("env:FIRST",))
    failures = await asyncio.gather(*(provider.token() for _ in range(20)), return_exceptions=True)
    assert {type(failure) for failure in failures} <= {type(failures[0])}
    assert isinstance(failures[0], AuthError)
    assert len(service.forms) == 1


async def test_a_caller_that_gives_up_does_not_end_the_refresh_of_others(provider, service):
    impatient = asyncio.create_task(provider.token())
    patient = asyncio.create_task(provider.token())
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "token-1"
    assert len(service.forms) == 1


async def test_a_refused_token_is_replaced_at_once(provider):
    refused = await provider.token()
    assert await provider.token(refused=refused) == "token-2"
    assert await provider.token() == "token-2"


async def test_a_refusal_of_an_older_token_costs_no_request(provider, service):
    refused = await provider.token()
    await provider.token(refused=refused)
    assert await provider.token(refused=refused) == "token-2"
    assert len(service.forms) == 2


async def test_many_refusals_of_one_token_share_one_request(provider, service):
    refused = await provider.token()
    tokens = await asyncio.gather(*(provider.token(refused=refused) for _ in range(20)))
    assert set(tokens) == {"token-2"}
    assert len(service.forms) == 2


async def test_a_service_that_issues_the_refused_token_again_is_an_auth_error(provider, service):
    service.will_answer(service.token("same"))
    refused = await provider.token()
    with pytest.raises(AuthError):
        await provider.token(refused=refused)


async def test_throttling_is_rate_limited_with_the_wait_that_the_service_names(provider, service):
    service.will_answer(service.error(429, "slow_down", **{"Retry-After": "38"}))
    with pytest.raises(RateLimited) as raised:
        await provider.token()
    assert raised.value.retry_after == 38
    assert len(service.forms) == 1


async def test_throttling_without_a_named_wait(provider, service):
    service.will_answer(service.text(429, "slow down"))
    with pytest.raises(RateLimited) as raised:
        await provider.token()
    assert raised.value.retry_after is None


async def test_a_service_that_fails_in_passing_is_asked_again(provider, service):
    service.will_answer(service.text(503, ""), service.text(500, ""), service.token("at last"))
    assert await provider.token() == "at last"


async def test_a_service_that_keeps_failing_is_transient_after_three_requests(provider, service):
    service.will_answer(service.text(502, "bad gateway"))
    with pytest.raises(Transient) as raised:
        await provider.token()
    assert "HTTP 502" in str(raised.value)
    assert len(service.forms) == 3


async def test_a_service_that_is_not_there_is_transient_and_named(provider_of, unused_tcp_port):
    with pytest.raises(Transient) as raised:
        await provider_of(url=f"http://127.0.0.1:{unused_tcp_port}").token()
    assert raised.value.place == f"127.0.0.1:{unused_tcp_port}"
    assert raised.value.remedy


async def test_a_service_that_does_not_answer_in_time_is_transient(provider_of, service):
    service.silent = asyncio.Event()
    with pytest.raises(Transient) as raised:
        await provider_of(timeout_seconds=0.05, attempts=1).token()
    service.silent.set()
    assert "0.05 s" in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"token_type": "bearer", "expires_in": 10},
        {"access_token": "", "expires_in": 10},
        {"access_token": "token"},
        {"access_token": "token", "expires_in": True},
        {"access_token": "token", "expires_in": -1},
        {"access_token": "token", "expires_in": "soon"},
        ["token"],
    ],
)
async def test_an_answer_without_token_or_lifetime_is_permanent(provider, service, answer):
    service.will_answer(lambda _: web.json_response(answer))
    with pytest.raises(Permanent):
        await provider.token()


async def test_a_page_that_is_no_token_service_is_permanent_with_the_setting_to_check(provider, service):
    service.will_answer(service.text(404, "<html>not here</html>"))
    with pytest.raises(Permanent) as raised:
        await provider.token()
    assert "`url`" in raised.value.remedy


async def test_a_redirect_is_not_followed(provider, service):
    service.will_answer(lambda _: web.Response(status=307, headers={"Location": service.url + "/ims/token/v3"}))
    with pytest.raises(Permanent):
        await provider.token()
    assert len(service.forms) == 1


async def test_after_close_the_token_is_asked_for_anew(provider):
    await provider.token()
    await provider.close()
    assert await provider.token() == "token-2"


def test_is_a_credential_provider(provider_of):
    provider: CredentialProvider = provider_of(org_id="1BD6382559DF0C130A49422D@AdobeOrg")
    assert (provider.client_id, provider.org_id) == ("client", "1BD6382559DF0C130A49422D@AdobeOrg")
