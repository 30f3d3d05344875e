"""Headers and bodies of all services (sandbox 1, 5)."""

import pytest

from .conftest import AUDIENCES, DEFINITIONS, FLOWS

PATHS = (AUDIENCES, DEFINITIONS, f"{FLOWS}/flows/none", "/data/core/idnamespace/identities", "/data/core/ais/nothing")


@pytest.mark.parametrize("path", PATHS)
async def test_a_bad_token_is_401_also_for_what_is_not_there(caller, path):
    status, body = await caller.ask("GET", path, Authorization="Bearer a.b.c")
    assert (status, body["error_code"]) == (401, "401013")


@pytest.mark.parametrize("name", ["Authorization", "x_api_key", "x_gw_ims_org_id"])
async def test_each_header_of_the_gateway_is_needed(caller, name):
    status, body = await caller.ask("GET", AUDIENCES, **{name: ""})
    assert status in {400, 401, 403}
    assert body


async def test_what_is_no_json_is_refused_with_an_object(caller):
    for content in (b"{", b"\xff\xfe", b"", b'{"name": NaN}', b'{"name": "\\ud800"}', b"[" * 100_000):
        headers = {"Authorization": f"Bearer {caller.token}"} | {
            "x-api-key": caller.guest.ready["ims"]["client_id"],
            "x-gw-ims-org-id": caller.guest.ready["ims"]["org_id"],
        }
        async with caller.guest.http.post(caller.url + AUDIENCES, data=content, headers=headers) as response:
            assert response.status == 400
            assert (await response.json())["errors"]


async def test_slashes_and_unknown_parts_do_not_matter(caller):
    assert (await caller.ask("GET", "/data/core//ups/audiences/?unheard=1"))[0] == 200
    status, _ = await caller.ask(
        "POST", f"{DEFINITIONS}/", {"name": "n", "expression": {"value": "a = 1"}, "unheard": 1}
    )
    assert status == 200


async def test_an_id_of_a_request_comes_back(caller):
    _, body = await caller.ask("GET", f"{AUDIENCES}/none", x_request_id="mine")
    assert body["requestId"] == "mine"
