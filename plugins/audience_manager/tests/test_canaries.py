"""Nothing that is raised, refused or logged holds an id or a token, whatever the servers answer."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import GatewayError

from plugins.audience_manager.tests.conftest import change

IDS = ("canary-4711", "canary@example.com", "+49 30 1234567")
TOKEN = "token-1"
STATUSES = (200, 207, 302, 400, 401, 403, 404, 409, 429, 500, 503)


@dataclass
class Echo:
    """Answers everything with what it was sent, token and all."""

    url: str = ""
    status: int = 200

    async def handle(self, request: web.Request) -> web.Response:
        said = f"{await request.text()} {request.headers.get('Authorization', '')} {request.path_qs}"
        body = {"error_code": "401013", "message": said, "errors": [{"code": 300, "msg": said}], "status": said}
        return web.json_response(body, status=self.status, headers={"X-Error": "104"})


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    echo = Echo()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", echo.handle)
    async with TestServer(application) as server:
        echo.url = str(server.make_url("")).rstrip("/")
        yield echo


def shown(texts):
    return [canary for canary in (*IDS, TOKEN) for text in texts if canary in text]


@pytest.mark.usefixtures("gold")
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("way", ["dcs", "customer_data"])
async def test_writing_shows_no_id_and_no_token(connect, echo, caplog, way, status):
    caplog.set_level(logging.DEBUG)
    echo.status = status
    settings = {"url": echo.url} | ({"stream_id": "gateway"} if way == "customer_data" else {})
    texts = []
    try:
        result = await connect(**{way: settings}).write_members(change(*IDS))
        texts += [f"{refusal.code} {refusal.detail}" for refusal in result.refused]
        assert result.accepted + len(result.refused) == len(IDS)
    except GatewayError as error:
        texts.append(str(error))
    assert texts
    assert shown([*texts, caplog.text]) == []


@pytest.mark.parametrize("status", STATUSES)
async def test_calls_show_no_token(connect, echo, caplog, status):
    caplog.set_level(logging.DEBUG)
    echo.status = status
    connector = connect(url=f"{echo.url}/v1")
    with pytest.raises(GatewayError) as caught:
        await connector.create_audience("gold", "Gold")
    findings = [f"{each.summary} {each.remedy}" for each in await connector.check()]
    assert shown([str(caught.value), *findings, caplog.text]) == []
