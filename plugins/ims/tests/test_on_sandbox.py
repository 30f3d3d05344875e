"""The credentials against the sandbox's token service over a real socket, whose clock moves on its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audience_gateway.sdk import AuthError
from audience_gateway_sandbox.sandbox import Sandbox


@pytest.fixture
async def sandbox():
    async with Sandbox.started(recipients=200) as sandbox:
        yield sandbox


@pytest.fixture
def ims(sandbox, provider_of, monkeypatch):
    """Makes a provider for the sandbox's client; its first secret is a wrong one."""
    ready = sandbox.ready["ims"]
    monkeypatch.setenv("RIGHT", ready["client_secret"])

    def make(**settings: object):
        right = {"url": ready["url"], "org_id": ready["org_id"], "client_id": ready["client_id"]}
        return provider_of(**right | {"client_secrets": ("env:FIRST", "env:RIGHT")} | settings)

    return make


@pytest.fixture
def is_valid(sandbox, context):
    """Asks the sandbox whether a token is good."""

    async def ask(token: str) -> bool:
        form = {"type": "access_token", "client_id": sandbox.ready["ims"]["client_id"]}
        url = sandbox.ready["ims"]["url"] + "/ims/validate_token/v1"
        headers = {"Authorization": f"Bearer {token}"}
        async with context.http.post(url, data=form, headers=headers) as response:
            return (await response.json())["valid"]

    return ask


@pytest.mark.parametrize("path", ["/ims/token/v2", "/ims/token/v3"])
async def test_a_token_is_good_and_reused(ims, is_valid, path):
    provider = ims(token_path=path)
    token = await provider.token()
    assert await is_valid(token)
    assert await provider.token() == token


async def test_a_token_that_expired_there_is_replaced_when_it_is_refused(ims, is_valid, sandbox):
    provider = ims()
    expired = await provider.token()
    sandbox.instance.clock.advance(timedelta(days=2))
    assert not await is_valid(expired)
    assert await is_valid(await provider.token(refused=expired))


async def test_wrong_secrets_are_an_auth_error(ims):
    with pytest.raises(AuthError, match="refused the client secret"):
        await ims(client_secrets=("env:FIRST", "env:SECOND")).token()


async def test_an_unknown_client_is_an_auth_error(ims):
    with pytest.raises(AuthError):
        await ims(client_id="nobody").token()


async def test_a_scope_that_is_not_granted_is_an_auth_error(ims):
    with pytest.raises(AuthError, match="not granted"):
        await ims(scopes=("openid", "no_such_scope")).token()
