"""Which secret is used, and that none is shown."""

from __future__ import annotations

import traceback

import pytest
from aiohttp import web
from audience_gateway.sdk import AuthError, ConfigError


def secrets_used(service) -> list[str]:
    return [form["client_secret"] for form in service.forms]


@pytest.fixture
def rotated(service):
    """The service knows only the second secret."""

    def answer(form):
        if form["client_secret"] == "second-secret":
            return service.token(f"token-{len(service.forms)}")(form)
        return service.error(400, "invalid_client", "invalid client_secret parameter")(form)

    service.will_answer(answer)
    return service


async def test_a_refused_secret_makes_way_for_the_next(provider, rotated):
    assert await provider.token() == "token-2"
    assert secrets_used(rotated) == ["first-secret", "second-secret"]


async def test_the_secret_that_worked_last_is_tried_first(provider, rotated):
    refused = await provider.token()
    await provider.token(refused=refused)
    assert secrets_used(rotated) == ["first-secret", "second-secret", "second-secret"]


async def test_a_service_that_answers_401_to_a_wrong_secret_is_understood_too(provider, service):
    service.will_answer(service.error(401, "invalid_client", "bad secret"), service.token("token"))
    assert await provider.token() == "token"


async def test_when_no_secret_works_the_error_says_what_to_do(provider, service):
    service.will_answer(service.error(400, "invalid_client", "invalid client_secret parameter"))
    with pytest.raises(AuthError) as raised:
        await provider.token()
    assert secrets_used(service) == ["first-secret", "second-secret"]
    assert "client_secrets" in raised.value.remedy


async def test_an_unknown_client_is_not_asked_with_other_secrets(provider, service):
    service.will_answer(service.error(400, "invalid_client", "invalid client_id parameter"))
    with pytest.raises(AuthError) as raised:
        await provider.token()
    assert secrets_used(service) == ["first-secret"]
    assert "client_id" in raised.value.remedy


async def test_a_scope_that_is_not_granted_names_the_setting(provider, service):
    service.will_answer(service.error(400, "invalid_scope"))
    with pytest.raises(AuthError) as raised:
        await provider.token()
    assert "scopes" in raised.value.remedy


async def test_any_other_refusal_is_an_auth_error_with_its_code(provider, service):
    service.will_answer(service.error(400, "unsupported_grant_type"))
    with pytest.raises(AuthError, match="unsupported_grant_type"):
        await provider.token()


async def test_a_secret_that_leads_nowhere_is_a_config_error(provider_of, service):
    with pytest.raises(ConfigError, match="env:NOT_SET"):
        await provider_of(client_secrets=("env:NOT_SET",)).token()
    assert service.forms == []


async def test_a_secret_is_read_anew_for_each_request(provider, service, monkeypatch):
    refused = await provider.token()
    monkeypatch.setenv("FIRST", "rotated-secret")
    await provider.token(refused=refused)
    assert secrets_used(service) == ["first-secret", "rotated-secret"]


async def test_no_error_repeats_what_the_service_echoes(provider, service):
    def echo(form):
        return web.json_response(
            {"error": form["client_secret"], "error_description": form["client_secret"]}, status=400
        )

    service.will_answer(echo)
    with pytest.raises(Exception) as raised:  # noqa: PT011  # whichever of the five it is
        await provider.token()
    assert "first-secret" not in "".join(traceback.format_exception(raised.value))


async def test_the_representation_shows_no_token(provider):
    token = await provider.token()
    assert token not in repr(provider)
    assert token not in repr(vars(provider))
