"""The sandbox's own addresses: move its clock, ask what its seed makes known, switch faults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from json import JSONDecodeError
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.instance import Instance

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
        return web.json_response({"now": self._instance.now().isoformat(), "dropped": [file.name for file in dropped]})

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


def _bad_request(error: ValueError) -> web.Response:
    return web.json_response({"code": 400, "message": str(error)}, status=400)
