"""The API gateway in front of the REST systems."""

import pytest
from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.assumptions import Assumptions

GOOD = {"x-api-key": credentials.CLIENT_ID, "x-gw-ims-org-id": credentials.ORG_ID}
OTHER = f"{'0' * 24}@AdobeOrg"
PATH = "/data/core/ups/nothing"


async def ask(guest, path=PATH, bearer="mint", **headers):
    sent = GOOD | {name.replace("_", "-"): value for name, value in headers.items()}
    if bearer == "mint":
        sent["Authorization"] = f"Bearer {await guest.token()}"
    elif bearer:
        sent["Authorization"] = bearer
    sent = {name: value for name, value in sent.items() if value}
    async with guest.http.get(guest.ready["ims"]["url"] + path, headers=sent) as response:
        return response.status, response.headers, await response.json()


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        ({"bearer": None}, "403010", "Oauth token is missing."),
        ({"bearer": "Bearer a.b.c"}, "401013", "Oauth token is not valid"),
        ({"bearer": "Basic abc"}, "401013", "Oauth token is not valid"),
        ({"x_api_key": ""}, "403000", "Api Key is required"),
        ({"x_api_key": "f" * 32}, "403003", "Api Key is invalid"),
        ({"x_gw_ims_org_id": ""}, "400003", "Missing header"),
        ({"x_gw_ims_org_id": OTHER}, "403025", "Profile is not valid"),
        ({"path": f"/{OTHER}/campaign/profileAndServices/profile"}, "403023", "Profile is not valid"),
        ({"bearer": None, "x_api_key": "", "x_gw_ims_org_id": ""}, "403010", "Oauth token is missing."),
    ],
)
async def test_what_is_wrong_first_is_answered(guest, call, code, message):
    status, _, body = await ask(guest, **call)
    assert (status, body) == (int(code[:3]), {"error_code": code, "message": message})


@pytest.mark.parametrize("path", [PATH, "/v1/traits/", "//data//core/ais", "/event/s2s/1"])
async def test_every_rest_system_is_behind_it(guest, path):
    assert (await ask(guest, path, bearer=None))[2]["error_code"] == "403010"


async def test_what_it_lets_through_is_answered_by_the_system(guest):
    status, _, body = await ask(guest)
    assert status == 404
    assert "error_code" not in body


async def test_an_expired_and_an_invalidated_token_are_refused(guest):
    for end in ("expire", "invalidate"):
        token = await guest.token()
        if end == "expire":
            await guest.post("/sandbox/clock", {"advance_seconds": 86400})
        else:
            guest.sandbox.instance.tokens.invalidate(token)
        assert (await ask(guest, bearer=f"Bearer {token}"))[2]["error_code"] == "401013"


async def test_too_many_calls_are_told_when_to_come_back(visiting):
    async with visiting(assumptions=Assumptions(calls_a_minute=2)) as guest:
        answers = [(await ask(guest))[0] for _ in range(2)]
        status, headers, body = await ask(guest)
        assert answers == [404, 404]
        assert (status, body["error_code"]) == (429, "429050")
        assert 1 <= int(headers["Retry-After"]) <= 30
        assert (await ask(guest, x_sandbox_name="dev"))[0] == 404
        await guest.post("/sandbox/clock", {"advance_seconds": 60})
        assert (await ask(guest))[0] == 404


async def test_codes_may_be_numbers(visiting):
    async with visiting(assumptions=Assumptions(gateway_codes_are_numbers=True)) as guest:
        assert (await ask(guest, bearer=None))[2]["error_code"] == 403010


async def test_minting_too_many_tokens_is_throttled_until_time_has_passed(visiting):
    async with visiting(assumptions=Assumptions(tokens_a_minute=1)) as guest:
        assert await guest.token()
        ims = guest.ready["ims"]
        form = {
            "grant_type": "client_credentials",
            "client_id": ims["client_id"],
            "client_secret": ims["client_secret"],
        }
        async with guest.http.post(f"{ims['url']}/ims/token/v2", data=form) as response:
            assert response.status == 429
            assert 1 <= int(response.headers["Retry-After"]) <= 60
            assert (await response.json()).keys() == {"error", "error_description"}
        await guest.post("/sandbox/clock", {"advance_seconds": 60})
        assert await guest.token()


async def test_the_profile_names_the_products_of_the_organisation(guest):
    status, _, body = await ask(guest, "/ims/profile/v1")
    assert status == 200
    assert {each["prodCtx"]["serviceCode"] for each in body["projectedProductContext"]} == {"acp", "dma_tartan"}
