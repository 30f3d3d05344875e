"""What holds for every address of the sandbox."""

from io import BytesIO

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway_sandbox.application import application


async def answer(request):
    body = await request.read()
    return web.json_response({"id": request.match_info["id"], "q": request.query.get("q"), "length": len(body)})


async def fail(_):
    raise RuntimeError("a secret")


@pytest.fixture
async def ask():
    app = application([web.route("*", "/things/{id}", answer), web.get("/failure", fail)])
    async with TestServer(app) as server, aiohttp.ClientSession() as http:

        async def ask(method, path, **arguments):
            url = f"{str(server.make_url('')).rstrip('/')}{path}"
            async with http.request(method, url, allow_redirects=False, **arguments) as response:
                return response.status, await response.json()

        yield ask


@pytest.mark.parametrize("path", ["/things/7", "/things/7/", "/things//7", "//things///7//"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_slashes_do_not_count_for_any_verb(ask, method, path):
    status, body = await ask(method, f"{path}?q=a%20b", data=b"12345")
    assert (status, body) == (200, {"id": "7", "q": "a b", "length": 5})


async def test_an_unknown_address_is_a_404_with_an_object(ask):
    assert await ask("GET", "/nothing//here") == (404, {"code": 404, "message": "Not Found"})


async def test_a_body_of_ten_mebibytes_is_taken(ask):
    assert (await ask("POST", "/things/7", data=BytesIO(bytes(10 << 20))))[1]["length"] == 10 << 20


async def test_a_larger_body_is_refused(ask):
    assert (await ask("POST", "/things/7", data=BytesIO(bytes(12 << 20))))[0] == 413


async def test_a_failure_keeps_its_reason_for_the_log(ask):
    assert await ask("GET", "/failure") == (500, {"code": 500, "message": "Internal Server Error"})
