"""The exchange of a JWT, where it is switched on."""

import json
from base64 import urlsafe_b64encode

import pytest
from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.assumptions import Assumptions

LATER = 4_000_000_000
AUDIENCE = f"https://ims-na1.adobelogin.com/c/{credentials.CLIENT_ID}"
CLAIMS = {"exp": LATER, "iss": credentials.ORG_ID, "sub": credentials.TECHNICAL_ACCOUNT, "aud": AUDIENCE}


def signed(claims, alg="RS256"):
    parts = ({"alg": alg}, claims)
    return ".".join([*(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2ln"])


@pytest.fixture
async def exchange(visiting):
    async with visiting(assumptions=Assumptions(jwt_exchange=True)) as guest:

        async def call(token, secret=credentials.CLIENT_SECRETS[0], path="/ims/exchange/jwt"):
            form = {"client_id": credentials.CLIENT_ID, "client_secret": secret, "jwt_token": token}
            async with guest.http.post(guest.ready["ims"]["url"] + path, data=form) as response:
                return response.status, await response.json()

        call.guest = guest
        yield call


@pytest.mark.parametrize("path", ["/ims/exchange/jwt", "/ims/exchange/jwt/"])
async def test_a_good_jwt_gets_a_token_whose_life_is_told_in_milliseconds(exchange, path):
    status, answer = await exchange(signed(CLAIMS), path=path)
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "bearer", 86_399_000)
    assert "count=" in (await exchange.guest.count_recipients(answer["access_token"]))[1]


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("", "invalid_request"),
        ("no.jwt", "invalid_token"),
        (signed(CLAIMS, alg="none"), "invalid_token"),
        (signed(CLAIMS | {"exp": 1}), "invalid_token"),
        (signed(CLAIMS | {"exp": str(LATER)}), "invalid_token"),
        (signed(CLAIMS | {"iss": "somebody"}), "invalid_token"),
        (signed(CLAIMS | {"aud": AUDIENCE[:-1]}), "invalid_client"),
        (signed([]), "invalid_token"),
    ],
)
async def test_a_bad_one_is_a_400(exchange, token, error):
    status, answer = await exchange(token)
    assert (status, answer["error"]) == (400, error)


async def test_a_wrong_secret_is_a_401_here(exchange):
    status, answer = await exchange(signed(CLAIMS), secret="wrong")
    assert (status, answer["error"]) == (401, "invalid_client")
