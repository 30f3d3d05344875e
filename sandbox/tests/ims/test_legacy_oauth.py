"""Audience Manager's own OAuth 2, where it is switched on (audience-manager 1.1)."""

import aiohttp
import pytest
from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.assumptions import Assumptions

[(USER, PASSWORD)] = credentials.AUDIENCE_MANAGER_PASSWORDS.items()
GOOD = {"grant_type": "password", "username": USER, "password": PASSWORD}


@pytest.fixture
async def legacy(visiting):
    async with visiting(assumptions=Assumptions(legacy_oauth=True)) as guest:

        async def call(form, secret=credentials.CLIENT_SECRETS[0]):
            basic = aiohttp.encode_basic_auth(credentials.CLIENT_ID, secret)
            url = guest.ready["ims"]["url"] + "/oauth/token"
            async with guest.http.post(url, data=form, headers={"Authorization": basic}) as response:
                return response.status, await response.json()

        async def read(token, path="/v1/users/self"):
            headers = {"Authorization": f"Bearer {token}"}
            async with guest.http.get(guest.ready["ims"]["url"] + path, headers=headers) as response:
                return response.status, await response.json()

        call.read, call.guest = read, guest
        yield call


async def test_a_password_gets_a_token_that_needs_no_key(legacy):
    status, answer = await legacy(GOOD)
    assert (status, answer["token_type"], answer["expires_in"], answer["scope"]) == (200, "bearer", 21922, "read write")
    status, user = await legacy.read(answer["access_token"])
    assert (status, user["username"]) == (200, USER)


async def test_a_refresh_token_is_good_once_and_gets_a_new_one(legacy):
    _, first = await legacy(GOOD)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    status, second = await legacy(refresh)
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert (await legacy.read(second["access_token"]))[0] == 200
    assert (await legacy(refresh))[1]["error"] == "invalid_grant"


async def test_it_expires(legacy):
    _, answer = await legacy(GOOD)
    await legacy.guest.post("/sandbox/clock", {"advance_seconds": 21922})
    assert (await legacy.read(answer["access_token"]))[0] == 401


async def test_it_is_good_for_audience_manager_only(legacy):
    _, answer = await legacy(GOOD)
    assert (await legacy.read(answer["access_token"], "/data/core/ups/segment/definitions"))[0] == 401
    assert (await legacy.read(answer["access_token"], "/ims/profile/v1"))[0] == 401
    assert "Fault" in (await legacy.guest.count_recipients(answer["access_token"]))[1]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"username": "nobody"}, "invalid_grant"),
        ({"username": "", "password": ""}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
    ],
)
async def test_what_gets_no_token(legacy, fields, error):
    status, answer = await legacy(GOOD | fields)
    assert (status, answer["error"]) == (400, error)
    assert "wrong" not in str(answer)


async def test_a_wrong_secret_gets_no_token(legacy):
    assert await legacy(GOOD, secret="wrong") == (
        401,
        {"error": "invalid_client", "error_description": "No token for this."},
    )


async def test_it_is_not_there_unless_it_is_assumed(guest):
    async with guest.http.post(guest.ready["ims"]["url"] + "/oauth/token", data=GOOD) as response:
        assert response.status == 404
