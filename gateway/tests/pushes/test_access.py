"""Only who knows a token may push, or who got one as the client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.pushes.access import LIFETIME, Doorman
from audience_gateway.sdk import PushAccess, Secret

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def doorman(monkeypatch: pytest.MonkeyPatch):
    for name in ("OLD", "NEW", "SECRET", "OTHER"):
        monkeypatch.setenv(name, f"{name.lower()}-value")

    def made(connection: str = "rtcdp", later: timedelta = timedelta(0), *secrets: str, **access: object) -> Doorman:
        told = {"client_id": "adobe", "client_secrets": tuple(map(Secret, secrets))} if secrets else {}
        return Doorman(connection, PushAccess(**(told | access)), lambda: NOON + later)

    return made


def test_each_of_several_tokens_is_good(doorman) -> None:
    door = doorman(tokens=(Secret("env:OLD"), Secret("env:NEW")))
    assert [door.lets_in(each) for each in ("old-value", "new-value", "other-value", "")] == [True, True, False, False]


def test_the_client_gets_a_token_for_an_hour(doorman) -> None:
    token = doorman("rtcdp", timedelta(0), "env:SECRET").token("adobe", "secret-value")
    assert token is not None
    assert doorman("rtcdp", LIFETIME - timedelta(seconds=1), "env:SECRET").lets_in(token)
    assert not doorman("rtcdp", LIFETIME, "env:SECRET").lets_in(token)


def test_a_token_is_good_for_its_connection_and_while_its_secret_is(doorman) -> None:
    token = doorman("rtcdp", timedelta(0), "env:SECRET").token("adobe", "secret-value")
    assert doorman("rtcdp", timedelta(0), "env:NEW", "env:SECRET").lets_in(token)
    assert not doorman("rtcdp", timedelta(0), "env:NEW").lets_in(token)
    assert not doorman("another", timedelta(0), "env:SECRET").lets_in(token)


@pytest.mark.parametrize("token", ["9999999999.", "9999999999.00", "x.y", ".", "99999999999999.aa", "²."])
def test_made_up_tokens_are_refused(doorman, token: str) -> None:
    assert not doorman("rtcdp", timedelta(0), "env:SECRET").lets_in(token)


@pytest.mark.parametrize("client", [("adobe", "other-value"), ("eve", "secret-value"), ("", "")])
def test_nobody_else_gets_a_token(doorman, client: tuple[str, str]) -> None:
    assert doorman("rtcdp", timedelta(0), "env:SECRET").token(*client) is None
    assert doorman(tokens=(Secret("env:OLD"),)).token(*client) is None


def test_where_anyone_may_push_no_token_is_asked_for(doorman) -> None:
    assert doorman(anyone=True).lets_in("")
