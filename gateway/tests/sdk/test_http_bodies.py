from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import body_of

BODY = b"x" * 3_000_000


@pytest.mark.parametrize(("limit", "found"), [(len(BODY), BODY), (len(BODY) - 1, None)])
async def test_a_body_is_read_whole_or_not_at_all(limit, found):
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=BODY)

    application = web.Application()
    application.router.add_get("/", handle)
    async with (
        TestServer(application) as server,
        aiohttp.ClientSession() as http,
        http.get(server.make_url("/")) as response,
    ):
        assert await body_of(response, limit) == found
