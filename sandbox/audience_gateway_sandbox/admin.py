"""The sandbox's own addresses: move its clock, ask what its seed makes known, switch faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from json import JSONDecodeError
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.instance import Instance
from audience_gateway_sandbox.workflows import SIGNAL, WorkflowError

_FARTHEST_SECONDS = 366 * 86400


def routes(instance: Instance) -> list[web.RouteDef]:
    """List the addresses."""
    admin = _Admin(instance)
    return [
        web.get("/sandbox/clock", admin.clock),
        web.post("/sandbox/clock", admin.advance),
        web.get("/sandbox/facts", admin.facts),
        web.get("/sandbox/faults", admin.faults),
        web.post("/sandbox/faults", admin.switch_faults),
        web.get("/sandbox/workflows/{workflow}", admin.workflow),
        web.post("/sandbox/workflows/{workflow}/events", admin.post_event),
    ]


class _Admin:
    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    async def clock(self, _: web.Request) -> web.Response:
        return web.json_response({"now": self._instance.now().isoformat()})

    async def advance(self, request: web.Request) -> web.Response:
        try:
            by = _step(await _object(request))
        except ValueError as error:
            return _bad_request(error)
        dropped = await self._instance.advance(by)
        return web.json_response({"now": self._instance.now().isoformat(), "dropped": list(dropped)})

    async def facts(self, _: web.Request) -> web.Response:
        return web.json_response({"days": list(await self._instance.facts())})

    async def faults(self, _: web.Request) -> web.Response:
        return web.json_response(dict(self._instance.faults()))

    async def switch_faults(self, request: web.Request) -> web.Response:
        try:
            self._instance.set_faults(await _object(request))
        except ValueError as error:
            return _bad_request(error)
        return web.json_response(dict(self._instance.faults()))

    async def workflow(self, request: web.Request) -> web.Response:
        name = request.match_info["workflow"]
        try:
            state = self._instance.workflows.state(name)
        except WorkflowError as error:
            return web.json_response({"code": 404, "message": str(error)}, status=404)
        return web.json_response({"state": int(state), "journal": self._instance.workflows.journal(name)})

    async def post_event(self, request: web.Request) -> web.Response:
        try:
            variables = {str(name): str(value) for name, value in (await _object(request)).items()}
            self._instance.workflows.post_event(request.match_info["workflow"], SIGNAL, variables)
        except (ValueError, WorkflowError) as error:
            return _bad_request(error)
        return web.json_response({}, status=202)


async def _object(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise ValueError("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ValueError("The body is not a JSON object.")  # noqa: TRY004 - the caller's text, not a type of ours
    return body


def _step(body: Mapping[str, Any]) -> timedelta:
    seconds = body.get("advance_seconds", -1)
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if len(body) != 1 or not number or not 0 <= seconds <= _FARTHEST_SECONDS:
        raise ValueError(f'The body must be {{"advance_seconds": N}}, N from 0 to {_FARTHEST_SECONDS}.')
    return timedelta(seconds=seconds)


def _bad_request(error: Exception) -> web.Response:
    return web.json_response({"code": 400, "message": str(error)}, status=400)
