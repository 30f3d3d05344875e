"""Who is let in: passwords, pairs of tokens and tokens of the token service."""

from __future__ import annotations

import pytest
from lxml import etree

REFUSED = "XSV-350008 Session has expired or is invalid. Please reconnect."


async def server_time(caller, **headers):
    return await caller.call("xtk:session", "GetServerTime", headers=headers)


async def test_a_logon_gives_a_pair_of_tokens_and_tells_about_the_session(anonymous):
    session_token, info, security_token = (await anonymous.log_on()).results
    assert session_token.text.startswith("___")
    assert len(session_token.text) == 39
    assert security_token.text.startswith("@")
    assert security_token.text.endswith("==")
    user = info.find(".//{*}userInfo")
    assert (user.get("login"), user[0].get("right")) == ("gw_api", "admin")
    assert int(info.find(".//{*}serverInfo").get("buildNumber")) > 0


@pytest.mark.parametrize(
    ("login", "password"), [("gw_api", "wrong"), ("nobody", "a-password"), ("gw_api", ""), ("", "")]
)
async def test_wrong_password_and_unknown_user_are_refused_by_the_same_text(anonymous, login, password):
    answer = await anonymous.log_on(login, password)
    assert (answer.status, answer.fault) == (200, "XSV-350012 Invalid login or password. Connection denied.")


async def test_a_bad_logon_can_be_made_an_http_403(anonymous, campaign):
    campaign.faults.login_as_403 = True
    content = "XSV-350012 Invalid login or password. Connection denied."
    answer = await anonymous.log_on("gw_api", "wrong")
    assert (answer.status, answer.text) == (403, content)


async def test_anybody_may_ask_for_the_time(anonymous):
    answer = await server_time(anonymous)
    assert [result.text for result in answer.results] == ["2026-01-02T03:04:05.678Z"]


async def test_nobody_else_gets_in_without_credentials(anonymous):
    assert (await anonymous.call("xtk:session", "GetUserInfo")).fault == REFUSED


@pytest.mark.parametrize("place", ["parameter", "cookie", "header"])
async def test_the_session_token_is_taken_from_wherever_it_stands(caller, place):
    token, caller.session_token = caller.session_token, caller.session_token if place == "parameter" else ""
    headers = {"cookie": {"Cookie": f"__sessiontoken={token}"}, "header": {"X-Session-Token": token}}.get(place, {})
    answer = await caller.call("xtk:session", "GetUserInfo", headers=headers)
    assert answer.results[0].find("{*}userInfo").get("login") == "gw_api"


async def test_another_connection_may_present_the_pair(caller):
    await caller.http.get(f"{caller.url}/r/test", headers={"Connection": "close"})
    assert not (await caller.call("xtk:session", "TestCnx")).fault


@pytest.mark.parametrize("security_token", ["", "@d3Jvbmc=="])
async def test_the_session_token_alone_is_not_enough(caller, security_token):
    caller.security_token = security_token
    assert (await caller.call("xtk:session", "TestCnx")).fault == REFUSED


async def test_a_token_that_is_carried_is_checked_even_where_none_is_needed(caller):
    caller.session_token = "___00000000-0000-0000-0000-000000000000"
    assert (await server_time(caller)).fault == REFUSED


async def test_one_with_a_dead_session_may_log_on_anew(caller, campaign):
    campaign.sessions.expire_all()
    assert (await server_time(caller)).fault == REFUSED
    assert not (await caller.log_on()).fault
    assert not (await server_time(caller)).fault


async def test_a_session_lasts_a_day(caller, clock):
    clock.advance(hours=23, minutes=59)
    assert not (await server_time(caller)).fault
    clock.advance(minutes=1)
    assert (await server_time(caller)).fault == REFUSED


async def test_a_dead_session_can_be_made_an_http_403(caller, campaign):
    campaign.faults.session_as_403 = True
    campaign.sessions.expire_all()
    answer = await server_time(caller)
    assert (answer.status, answer.text) == (403, REFUSED)


async def test_logging_off_ends_both_tokens(caller):
    answer = await caller.call("xtk:session", "Logoff")
    assert (etree.QName(answer.body).localname, answer.results) == ("LogoffResponse", [])
    assert (await server_time(caller)).fault == REFUSED


async def test_logging_off_by_cookie_ends_the_session_too(caller):
    token, caller.session_token = caller.session_token, ""
    await caller.call("xtk:session", "Logoff", headers={"Cookie": f"__sessiontoken={token}"})
    caller.session_token = token
    assert (await server_time(caller)).fault == REFUSED


async def test_a_token_of_the_token_service_needs_no_logon(anonymous):
    answer = await anonymous.call("xtk:session", "GetUserInfo", headers={"Authorization": "Bearer eyJ.good.token"})
    assert answer.results[0].find("{*}userInfo").get("login") == "gw_technical"


async def test_a_bad_token_of_the_token_service_is_refused_even_where_none_is_needed(anonymous):
    assert (await server_time(anonymous, Authorization="Bearer eyJ.bad.token")).fault == REFUSED


async def test_a_token_of_the_token_service_can_be_changed_into_a_session(anonymous):
    answer = await anonymous.call("xtk:session", "BearerTokenLogon", "eyJ.good.token")
    anonymous.session_token, _, anonymous.security_token = (result.text for result in answer.results)
    assert not (await anonymous.call("xtk:session", "TestCnx")).fault


async def test_a_bad_token_is_changed_into_nothing(anonymous):
    answer = await anonymous.call("xtk:session", "BearerTokenLogon", "eyJ.bad.token")
    assert answer.fault.startswith("XSV-350012")
    assert "eyJ.bad.token" not in answer.text


async def test_empty_session_headers_count_as_none(anonymous):
    answer = await server_time(anonymous, **{"X-Session-Token": "", "X-Security-Token": ""})
    assert not answer.fault


async def test_options_are_read_by_name(caller):
    answer = await caller.call("xtk:session", "GetOption", "AAM_DataSourceId")
    assert [result.text for result in answer.results] == ["38888", "6"]
    unknown = await caller.call("xtk:session", "GetOption", "Nobody_Knows")
    assert [result.text for result in unknown.results] == [None, "0"]
