"""Puts the platform's services onto HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from uuid import uuid4

from aiohttp import web
from aiohttp.hdrs import METH_GET

from audience_gateway_sandbox.platform.storage import PRODUCTION, Space
from audience_gateway_sandbox.platform.wire.bodies import checked, read_json
from audience_gateway_sandbox.platform.wire.call import Answer, Call, Refusal
from audience_gateway_sandbox.platform.wire.endpoint import JSON, Endpoint, Service

Work = Callable[[str, Callable[[Space], Answer]], Answer]
"""Does some work on a sandbox of the platform, of the name given, in one transaction."""


def routes(
    services: Iterable[Service], work: Work, worker: Executor, changed: Callable[[], None]
) -> list[web.RouteDef]:
    """List the addresses.

    Args:
        services: whose.
        work: runs a call.
        worker: what it runs in, since it may wait for another.
        changed: called after each call that may have changed something.
    """
    return [
        web.route(endpoint.method, endpoint.path, _handler(service, endpoint, work, worker, changed))
        for service in services
        for endpoint in service.endpoints
    ]


def _handler(
    service: Service, endpoint: Endpoint, work: Work, worker: Executor, changed: Callable[[], None]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.Response:
        content = await request.read()
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(worker, _answered, service, endpoint, request, content, work)
        if endpoint.method != METH_GET:
            changed()
        return _response(answer, endpoint)

    return handle


def _answered(service: Service, endpoint: Endpoint, request: web.Request, content: bytes, work: Work) -> Answer:
    try:
        _check_size(content, endpoint.largest)
        body = None if endpoint.body is None else checked(endpoint.body, read_json(content))
        return work(
            (request.headers.get("x-sandbox-name") or PRODUCTION).lower(),
            lambda space: endpoint.handle(_call(request, space, body, len(content))),
        )
    except Refusal as refusal:
        request_id = request.headers.get("x-request-id") or uuid4().hex
        return Answer(service.shape(refusal, request_id), refusal.status, refusal.headers)


def _check_size(content: bytes, largest: int) -> None:
    if largest and len(content) > largest:
        raise Refusal(413, f"The body is larger than {largest} bytes.", title="Payload too large")


def _call(request: web.Request, space: Space, body: object, size: int) -> Call:
    return Call(
        space=space,
        ids=dict(request.match_info),
        query=request.query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        size=size,
        origin=str(request.url.origin()),
        path=request.path,
    )


def _response(answer: Answer, endpoint: Endpoint) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    if isinstance(answer.body, bytes):
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers, content_type=endpoint.raw)
    return web.Response(text=json.dumps(answer.body), status=answer.status, headers=answer.headers, content_type=JSON)
