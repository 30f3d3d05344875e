"""Rotation of a credential's secrets."""

import pytest
from audience_gateway_sandbox import credentials

PATH = f"/console/organizations/{credentials.ORG_ID}/credentials/{credentials.CLIENT_ID}/secrets"


@pytest.fixture
def console(guest):
    async def call(verb, path=""):
        headers = {"Authorization": f"Bearer {await guest.token()}", "x-api-key": credentials.CLIENT_ID}
        async with guest.http.request(verb, guest.ready["ims"]["url"] + PATH + path, headers=headers) as response:
            return response.status, await response.json() if response.status != 204 else None

    return call


async def mint(guest, secret):
    form = {"grant_type": "client_credentials", "client_id": credentials.CLIENT_ID, "client_secret": secret}
    async with guest.http.post(f"{guest.ready['ims']['url']}/ims/token/v3", data=form) as response:
        return response.status


async def test_secrets_are_listed_with_when_they_were_used_and_never_themselves(console):
    _, listed = await console("GET")
    assert [entry["secret_usages"] != [] for entry in listed] == [True, False]
    assert all(entry.keys() == {"uuid", "created_at", "expires_at", "secret_usages"} for entry in listed)


async def test_a_third_secret_is_refused_until_one_is_deleted(console, guest):
    assert (await console("POST"))[0] == 400
    _, listed = await console("GET")
    assert (await console("DELETE", f"/{listed[1]['uuid']}"))[0] == 204
    status, added = await console("POST")
    assert status == 201
    assert added["created_at"].isdigit()
    assert await mint(guest, added["client_secret"]) == 200
    assert await mint(guest, credentials.CLIENT_SECRETS[1]) == 400


async def test_the_last_secret_stays(console):
    _, listed = await console("GET")
    await console("DELETE", f"/{listed[1]['uuid']}")
    assert (await console("DELETE", f"/{listed[0]['uuid']}"))[0] == 400


async def test_an_unknown_secret_is_not_found(console):
    assert (await console("DELETE", "/unheard"))[0] == 404
