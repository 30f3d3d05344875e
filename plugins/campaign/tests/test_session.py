"""Odd answers of Campaign, and what becomes of them."""

from __future__ import annotations

import asyncio
import traceback

import pytest
from audience_gateway.sdk import AuthError, ConfigError, Permanent, RateLimited, Transient
from audience_gateway_campaign import CampaignSettings
from audience_gateway_campaign.envelope import Call
from audience_gateway_campaign.session import Session

EXPIRED = "XSV-350008 Session has expired or is invalid. Please reconnect."
REFUSED = "XSV-350012 Invalid login or password. Connection denied."
GOLD = "<group id='12' name='gold' label='Gold' type='0'/>"


class Tokens:
    """A credential provider that issues numbered tokens."""

    client_id = "client"
    org_id = ""

    def __init__(self) -> None:
        self.issued = 1

    async def token(self, *, refused: str | None = None) -> str:
        self.issued += refused == f"token-{self.issued}"
        return f"token-{self.issued}"

    async def close(self) -> None: ...


@pytest.fixture
async def campaign(connector_to, stub):
    return await connector_to(stub.url)


async def find_gold(campaign):
    """Makes one call."""
    return await campaign.create_audience("gold", "Gold")


async def test_the_first_call_logs_on_and_carries_both_tokens(campaign, stub):
    stub.answers = [stub.rows(GOLD)]
    assert (await find_gold(campaign)).title == "Gold"
    logon, call = stub.calls
    assert [parameter.text for parameter in logon.parameters] == [None, "gw_api", "stub-password", None]
    assert call.session_token == "___session-1"
    assert call.headers["Cookie"] == "__sessiontoken=___session-1"
    assert call.headers["X-Security-Token"] == "@security-1=="
    assert call.headers["SOAPAction"] == "xtk:queryDef#ExecuteQuery"


async def test_many_first_calls_share_one_logon(campaign, stub):
    stub.answers = [stub.rows(GOLD)] * 20
    await asyncio.gather(*(find_gold(campaign) for _ in range(20)))
    assert stub.methods().count("Logon") == 1


@pytest.mark.parametrize("answer", ["fault", "text", "fault with an error status"])
async def test_an_expired_session_is_renewed_once_and_the_call_repeated(campaign, stub, answer):
    expired = {
        "fault": stub.fault(EXPIRED),
        "text": stub.text(EXPIRED, 403),
        "fault with an error status": stub.fault(EXPIRED, status=500),
    }
    stub.answers = [expired[answer], stub.rows(GOLD)]
    assert (await find_gold(campaign)).id == "gold"
    assert stub.methods() == ["Logon", "ExecuteQuery", "Logon", "ExecuteQuery"]
    assert stub.calls[-1].session_token == "___session-2"


async def test_many_calls_with_an_expired_session_share_one_logon(campaign, stub):
    stub.answers = [stub.rows(GOLD), *[stub.fault(EXPIRED)] * 5, *[stub.rows(GOLD)] * 5]
    await find_gold(campaign)
    await asyncio.gather(*(find_gold(campaign) for _ in range(5)))
    assert stub.methods().count("Logon") == 2


async def test_a_session_that_is_refused_right_after_logon_is_an_auth_error(campaign, stub):
    stub.answers = [stub.fault(EXPIRED), stub.fault(EXPIRED)]
    with pytest.raises(AuthError):
        await find_gold(campaign)
    assert stub.answers == []


async def test_row_data_that_looks_like_an_expired_session_is_data(campaign, stub):
    stub.answers = [stub.rows(f"<group id='12' name='gold' label='{EXPIRED}' type='0'/>")]
    assert (await find_gold(campaign)).title == EXPIRED
    assert stub.methods().count("Logon") == 1


@pytest.mark.parametrize("answer", ["fault", "text"])
async def test_a_wrong_password_is_an_auth_error_and_logon_is_not_repeated(campaign, stub, answer):
    stub.logon = stub.fault(REFUSED) if answer == "fault" else stub.text(REFUSED, 403)
    with pytest.raises(AuthError, match="refused user and password") as raised:
        await find_gold(campaign)
    assert "`password`" in raised.value.remedy
    assert stub.methods() == ["Logon"]


async def test_many_calls_share_one_refused_logon(campaign, stub):
    stub.logon = stub.fault(REFUSED)
    failures = await asyncio.gather(*(find_gold(campaign) for _ in range(10)), return_exceptions=True)
    assert all(isinstance(failure, AuthError) for failure in failures)
    assert stub.methods() == ["Logon"]


async def test_a_call_that_is_given_up_does_not_end_the_logon_of_others(campaign, stub):
    stub.answers = [stub.rows(GOLD)]
    impatient = asyncio.create_task(find_gold(campaign))
    patient = asyncio.create_task(find_gold(campaign))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).id == "gold"
    assert stub.methods().count("Logon") == 1


async def test_no_error_shows_what_campaign_echoes(campaign, stub):
    stub.logon = stub.fault("XSV-350099 Wrong password 'stub-password' of operator")
    with pytest.raises(Permanent) as raised:
        await find_gold(campaign)
    assert "stub-password" not in "".join(traceback.format_exception(raised.value))


async def test_close_logs_off_once(campaign, stub):
    stub.answers = [stub.rows(GOLD)]
    await find_gold(campaign)
    await campaign.close()
    await campaign.close()
    assert stub.methods().count("Logoff") == 1


async def test_close_without_a_session_calls_nobody(campaign, stub):
    await campaign.close()
    assert stub.calls == []


async def test_a_bearer_token_needs_no_logon(connector_to, context, stub):
    context.providers["ims"] = Tokens()
    stub.answers = [stub.rows(GOLD)]
    await find_gold(await connector_to(stub.url, credentials="ims"))
    (call,) = stub.calls
    assert call.headers["Authorization"] == "Bearer token-1"
    assert call.session_token == ""
    assert not {"Cookie", "X-Security-Token"} & set(call.headers)


async def test_a_refused_bearer_token_is_replaced_once(connector_to, context, stub):
    context.providers["ims"] = Tokens()
    campaign = await connector_to(stub.url, credentials="ims")
    stub.answers = [stub.text("", 401), stub.rows(GOLD), stub.text("", 403), stub.text("", 403)]
    await find_gold(campaign)
    with pytest.raises(AuthError):
        await find_gold(campaign)
    assert [call.headers["Authorization"][-1] for call in stub.calls] == ["1", "2", "2", "3"]


async def test_a_token_can_begin_a_session(connector_to, context, stub):
    context.providers["ims"] = Tokens()
    stub.answers = [stub.rows(GOLD)] * 2
    campaign = await connector_to(stub.url, credentials="ims", bearer_logon=True)
    await find_gold(campaign)
    await find_gold(campaign)
    await campaign.close()
    assert stub.methods() == ["BearerTokenLogon", "ExecuteQuery", "ExecuteQuery", "Logoff"]
    assert [parameter.text for parameter in stub.calls[0].parameters] == [None, "token-1"]
    assert stub.calls[1].headers["X-Security-Token"] == "@security-1=="
    assert not [call for call in stub.calls if "Authorization" in call.headers]


async def test_a_session_that_a_token_began_is_renewed_once(connector_to, context, stub):
    context.providers["ims"] = Tokens()
    stub.answers = [stub.fault(EXPIRED), stub.rows(GOLD)]
    await find_gold(await connector_to(stub.url, credentials="ims", bearer_logon=True))
    assert stub.methods() == ["BearerTokenLogon", "ExecuteQuery"] * 2
    assert stub.calls[-1].session_token == "___session-2"


async def test_a_token_that_a_logon_refused_is_not_taken_again(connector_to, context, stub):
    context.providers["ims"] = Tokens()
    campaign = await connector_to(stub.url, credentials="ims", bearer_logon=True, attempts=4)
    stub.logon = stub.fault(REFUSED)
    with pytest.raises(AuthError):
        await find_gold(campaign)
    assert stub.methods() == ["BearerTokenLogon"]
    stub.logon, stub.answers = None, [stub.rows(GOLD)]
    await find_gold(campaign)
    assert [call.parameters[1].text for call in stub.calls[:2]] == ["token-1", "token-2"]


async def test_credentials_that_are_not_configured_are_a_config_error(connector_to, stub):
    with pytest.raises(ConfigError, match=r"credentials\.nobody"):
        await connector_to(stub.url, credentials="nobody")


async def test_a_stopped_instance_is_transient_and_named(connector_to, unused_tcp_port):
    campaign = await connector_to(f"http://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(Transient) as raised:
        await find_gold(campaign)
    assert raised.value.place == f"127.0.0.1:{unused_tcp_port}"
    assert "running" in raised.value.remedy


async def test_an_instance_that_does_not_answer_in_time_is_transient(connector_to, stub):
    released = asyncio.Event()

    async def late(request):
        await released.wait()
        return await stub.text("")(request)

    stub.answers = [late]
    campaign = await connector_to(stub.url, timeout_seconds=0.1)
    with pytest.raises(Transient, match=r"0\.1 s"):
        await find_gold(campaign)
    released.set()


async def test_a_cut_connection_is_tried_again_once(campaign, stub):
    stub.answers = [stub.cut_connection, stub.rows(GOLD)]
    assert (await find_gold(campaign)).id == "gold"


async def test_a_connection_that_is_cut_again_is_transient(campaign, stub):
    stub.answers = [stub.cut_connection] * 2
    with pytest.raises(Transient):
        await find_gold(campaign)


async def test_a_cut_logon_is_not_tried_again(campaign, stub):
    stub.logon = stub.cut_connection
    with pytest.raises(Transient):
        await find_gold(campaign)
    assert stub.methods() == ["Logon"]


async def test_a_limited_rate_is_passed_on_with_its_wait(campaign, stub):
    stub.answers = [stub.text("", 429, **{"Retry-After": "5"})]
    with pytest.raises(RateLimited) as raised:
        await find_gold(campaign)
    assert raised.value.retry_after == 5


async def test_an_unavailable_instance_is_transient(campaign, stub):
    stub.answers = [stub.text("<html>starting</html>", 503)]
    with pytest.raises(Transient, match="HTTP 503"):
        await find_gold(campaign)


async def test_a_redirect_is_not_followed(campaign, stub):
    stub.answers = [stub.text("", 302, Location=stub.url)]
    with pytest.raises(Permanent, match="HTTP 302"):
        await find_gold(campaign)


async def test_an_answer_that_is_no_soap_names_the_setting(campaign, stub):
    stub.answers = [stub.text("<html>Welcome</html>")]
    with pytest.raises(Permanent) as raised:
        await find_gold(campaign)
    assert "`url`" in raised.value.remedy


async def test_an_answer_with_entities_is_refused(campaign, stub):
    stub.answers = [stub.text("<!DOCTYPE x [<!ENTITY e 'x'>]><Envelope><Body><x>&e;</x></Body></Envelope>")]
    with pytest.raises(Permanent):
        await find_gold(campaign)


@pytest.fixture
async def patient(connector_to, stub):
    return await connector_to(stub.url, attempts=3, retry_base_seconds=0)


@pytest.mark.parametrize("failure", ["fault", "busy", "limited", "stopped", "cut"])
async def test_a_call_that_fails_in_passing_is_sent_again(patient, stub, failure):
    answer = {
        "fault": stub.fault("SOP-330011 Error while executing", "PGS-220000 deadlock detected"),
        "busy": stub.text("", 503, **{"Retry-After": "0"}),
        "limited": stub.text("", 429),
        "stopped": stub.text("<html>Bad gateway</html>", 502),
        "cut": stub.cut_connection,
    }[failure]
    # A connection that is cut is tried once more at once.
    stub.answers = [answer] * (4 if failure == "cut" else 2) + [stub.rows(GOLD)]
    assert (await find_gold(patient)).id == "gold"
    assert stub.answers == []


async def test_a_call_that_goes_on_failing_is_given_up(patient, stub):
    stub.answers = [stub.text("", 502)] * 3
    with pytest.raises(Transient):
        await find_gold(patient)
    assert stub.answers == []


@pytest.mark.parametrize(("status", "wait"), [(429, "3600"), (503, "61")])
async def test_a_wait_that_is_too_long_is_left_to_the_caller(patient, stub, status, wait):
    stub.answers = [stub.text("", status, **{"Retry-After": wait})]
    with pytest.raises(RateLimited):
        await find_gold(patient)
    assert stub.answers == []


async def test_what_fails_for_good_is_not_sent_again(patient, stub):
    stub.answers = [stub.fault("XTK-170036 Unable to parse expression")]
    with pytest.raises(Permanent):
        await find_gold(patient)
    assert stub.answers == []


@pytest.mark.parametrize("failure", ["refused", "fault", "stopped", "cut"])
async def test_a_logon_is_never_sent_again(patient, stub, failure):
    stub.logon = {
        "refused": stub.fault(REFUSED),
        "fault": stub.fault("XSV-350099 Too many sessions"),
        "stopped": stub.text("", 503),
        "cut": stub.cut_connection,
    }[failure]
    with pytest.raises((AuthError, Permanent, Transient)):
        await find_gold(patient)
    assert stub.methods() == ["Logon"]


async def test_a_session_may_expire_between_attempts(patient, stub):
    stub.answers = [stub.text("", 502), stub.fault(EXPIRED), stub.text("", 502), stub.rows(GOLD)]
    assert (await find_gold(patient)).id == "gold"
    assert stub.methods().count("Logon") == 2


async def test_a_renewed_logon_that_fails_ends_the_call(patient, stub):
    async def expired(request):
        stub.logon = stub.text("", 503)
        return await stub.fault(EXPIRED)(request)

    stub.answers = [expired]
    with pytest.raises(Transient):
        await find_gold(patient)
    assert stub.methods() == ["Logon", "ExecuteQuery", "Logon"]


async def test_what_must_not_be_sent_twice_is_not(connector_to, context, stub, monkeypatch):
    monkeypatch.setenv("STUB_PASSWORD", "x")
    values = {"url": stub.url, "user": "gw_api", "password": "env:STUB_PASSWORD", "retry_base_seconds": 0}
    session = Session(CampaignSettings.model_validate(values), context)
    stub.answers = [stub.cut_connection]
    with pytest.raises(Transient) as raised:
        await session.call(Call("xtk:workflow", "PostEvent"), len, repeatable=False)
    assert raised.value.sent
    assert stub.methods() == ["Logon", "PostEvent"]
    await session.close()


@pytest.mark.parametrize("answer", ["WriteResponse", "Fish", "ExecuteQueryresponse"])
async def test_an_answer_to_another_method_is_refused(campaign, stub, answer):
    stub.answers = [stub.envelope(f"<{answer} xmlns='urn:xtk:queryDef'/>")]
    with pytest.raises(Permanent, match="none to `ExecuteQuery`"):
        await find_gold(campaign)
