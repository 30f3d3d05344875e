"""The session that connectors call systems with waits for none of them for ever."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.plugins.configuration import HttpConfiguration
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.registry import Registry
from audience_gateway.plugins.resolution import resolve
from audience_gateway.storage import open_bucket

HTTP = HttpConfiguration(connect_seconds=0.2, read_seconds=0.2, call_seconds=0.5)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    registry = Registry()
    async with Connections(registry, resolve(registry, {}, {}, {}), open_bucket, HTTP) as connections:
        yield connections._context("any").http


@pytest.fixture
async def system() -> AsyncIterator[str]:
    """A system that says nothing at `/silent`, does not come to an end at `/endless`, and sets a cookie."""
    over = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            while not over.is_set():
                await answer.write(b".")
                await asyncio.sleep(0.01)
        return answer

    async def remembering(request: web.Request) -> web.Response:
        response = web.Response(text=request.headers.get("Cookie", ""))
        response.set_cookie("device", "somebody")
        return response

    application = web.Application()
    routes = [("/silent", silent), ("/endless", endless), ("/remembering", remembering)]
    application.add_routes([web.get(path, handler) for path, handler in routes])
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")
        over.set()


async def test_no_cookie_goes_along_with_the_next_call(http, system):
    named = system.replace("127.0.0.1", "localhost")  # cookies of addresses would not be kept anyway
    for _ in range(2):
        async with http.get(f"{named}/remembering") as response:
            assert await response.text() == ""


async def test_a_connection_that_nobody_accepts_is_given_up(http):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address), pytest.raises(aiohttp.ConnectionTimeoutError):
            await http.get(f"http://127.0.0.1:{address[1]}")


async def test_a_system_that_says_nothing_is_given_up(http, system):
    with pytest.raises(aiohttp.SocketTimeoutError):
        await http.get(f"{system}/silent")


async def test_a_system_that_never_comes_to_an_end_is_given_up(http, system):
    with pytest.raises(TimeoutError):
        async with http.get(f"{system}/endless") as answer:
            await answer.read()


async def test_a_system_that_keeps_many_calls_waiting_keeps_no_other_out(http, system):
    waiting = [asyncio.create_task(http.get(f"{system}/silent", timeout=aiohttp.ClientTimeout())) for _ in range(150)]
    async with http.get(f"{system}/endless", timeout=aiohttp.ClientTimeout(total=60)) as answer:
        assert answer.status == 200
    for call in waiting:
        call.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
