"""The token service over real sockets: who gets a token, and how long it is good."""

import asyncio
import json
from base64 import urlsafe_b64decode
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway_sandbox.clock import Clock
from audience_gateway_sandbox.ims import Client, Tokens, routes

SECRET, NEXT_SECRET = "p8e-first", "p8e-second"
FORM = {"grant_type": "client_credentials", "client_id": "ab" * 16, "client_secret": SECRET, "scope": "openid,AdobeID"}


class Ims:
    """The service with one client, and a caller of it."""

    def __init__(self, http, url, clock, client):
        self.http, self.url, self.clock, self.client = http, url, clock, client

    async def post(self, path, form=None, **arguments):
        async with self.http.post(f"{self.url}{path}", data=form, **arguments) as response:
            return response.status, await response.json()

    async def token(self, version="v3", **changes):
        return await self.post(f"/ims/token/{version}", FORM | changes)

    async def validate(self, token, **form):
        headers = {"Authorization": f"Bearer {token}"}
        return await self.post("/ims/validate_token/v1", {"type": "access_token"} | form, headers=headers)

    async def invalidate(self, token):
        form = {"token_type": "access_token", "token": token, "cascading": "all"}
        return await self.post("/ims/invalidate_token/v2", FORM | form)


@pytest.fixture
async def ims():
    clock = Clock()
    client = Client(FORM["client_id"], "A" * 24 + "@AdobeOrg", "account@techacct.adobe.com", [SECRET, NEXT_SECRET])
    application = web.Application()
    application.add_routes(routes(Tokens([client], clock)))
    async with TestServer(application) as server, aiohttp.ClientSession() as http:
        yield Ims(http, str(server.make_url("")).rstrip("/"), clock, client)


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_a_known_client_gets_a_token_for_a_day_less_a_second(ims, version):
    status, answer = await ims.token(version)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "bearer", 86399)


async def test_the_token_says_in_digit_strings_of_milliseconds_when_it_was_made_and_how_long_it_lives(ims):
    _, answer = await ims.token()
    claims = claims_of(answer["access_token"])
    assert claims["type"] == "access_token"
    assert claims["client_id"] == FORM["client_id"]
    assert claims["expires_in"] == "86399000"
    assert claims["created_at"].isdigit()


async def test_a_multipart_body_is_read_like_any_other(ims):
    boundary = "-" * 40 + "7f3a"
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in FORM.items()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    status, _ = await ims.post("/ims/token/v2", f"{parts}--{boundary}--\r\n".encode(), headers=headers)
    assert status == 200


async def test_parameters_may_stand_in_the_query(ims):
    assert (await ims.post("/ims/token/v3", params=FORM))[0] == 200


async def test_a_body_that_is_no_form_is_refused(ims):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    status, answer = await ims.post("/ims/token/v3", b"nonsense", headers=headers)
    assert (status, answer["error"]) == (400, "invalid_request")


async def test_either_of_two_live_secrets_mints_tokens(ims):
    assert (await ims.token(client_secret=NEXT_SECRET))[0] == 200


async def test_a_deleted_secret_mints_no_more_but_its_tokens_live_on(ims):
    _, answer = await ims.token()
    ims.client.delete_secret(SECRET)
    assert (await ims.token())[0] == 400
    assert (await ims.validate(answer["access_token"]))[1]["valid"] is True


def test_a_third_secret_is_refused():
    client = Client("c", "o", "t", [SECRET, NEXT_SECRET])
    with pytest.raises(ValueError, match="at most two"):
        client.add_secret("third")


@pytest.mark.parametrize(
    ("change", "error", "description"),
    [
        ({"client_secret": "wrong"}, "invalid_client", "invalid client_secret parameter"),
        ({"client_id": "cd" * 16}, "invalid_client", "invalid client_id parameter"),
        ({"scope": "openid,everything"}, "invalid_scope", "A scope is not granted to this credential."),
        ({"grant_type": "password"}, "unsupported_grant_type", "The only grant type here is client_credentials."),
        ({"grant_type": ""}, "invalid_request", "The parameter grant_type is missing."),
    ],
)
async def test_a_wrong_request_is_always_a_400(ims, change, error, description):
    status, answer = await ims.token(**change)
    assert (status, answer) == (400, {"error": error, "error_description": description})


async def test_two_requests_give_two_tokens_and_both_are_good(ims):
    (_, first), (_, second) = await asyncio.gather(ims.token(), ims.token())
    assert first["access_token"] != second["access_token"]
    assert (await ims.validate(first["access_token"]))[1]["valid"] is True
    assert (await ims.validate(second["access_token"]))[1]["valid"] is True


async def test_an_altered_signature_is_found(ims):
    _, answer = await ims.token()
    head, payload, signature = answer["access_token"].split(".")
    altered = f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    assert await ims.validate(altered) == (200, {"valid": False, "reason": "bad_signature"})


@pytest.mark.parametrize("nonsense", ["", "x", "a.b.c", "é.é.é", "a.b.c.d"])
async def test_what_is_no_token_is_not_valid(ims, nonsense):
    status, answer = await ims.post("/ims/validate_token/v1", {"token": nonsense})
    assert (status, answer["valid"]) == (200, False)


async def test_a_token_ends_when_its_day_is_over(ims):
    _, answer = await ims.token()
    ims.clock.advance(timedelta(seconds=86399))
    assert await ims.validate(answer["access_token"]) == (200, {"valid": False, "reason": "token_expired"})


async def test_an_invalidated_token_ends_at_once_and_alone(ims):
    (_, first), (_, second) = await asyncio.gather(ims.token(), ims.token())
    assert (await ims.invalidate(first["access_token"]))[0] == 200
    assert (await ims.validate(first["access_token"]))[1]["reason"] == "token_invalidated"
    assert (await ims.validate(second["access_token"]))[1]["valid"] is True


async def test_a_token_of_another_client_is_not_valid_for_this_one(ims):
    _, answer = await ims.token()
    assert (await ims.validate(answer["access_token"], client_id="cd" * 16))[1]["valid"] is False


async def test_a_valid_token_is_answered_with_its_claims(ims):
    _, answer = await ims.token(scope="openid")
    _, verdict = await ims.validate(answer["access_token"], client_id=FORM["client_id"])
    assert verdict["token"]["scope"] == "openid"


async def test_no_answer_repeats_a_secret(ims):
    _, answer = await ims.token(client_secret="hunter2-hunter2")
    assert "hunter2" not in json.dumps(answer)


async def test_service_accounts_are_switched_off(ims):
    assert (await ims.post("/ims/exchange/jwt", {"jwt_token": "x"}))[0] == 400
