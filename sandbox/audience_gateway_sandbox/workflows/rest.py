"""Workflows by Campaign's REST interface (campaign 4.2): their state, commands, and the signal of an activity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from json import JSONDecodeError
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.workflows.verbs import WorkflowError, Workflows
from audience_gateway_sandbox.workflows.workflow import SIGNAL, TECHNICAL, State

_BASE = "/{org}/campaign/workflow/execution/{workflow}"
_FAILED = "Oops. Something went wrong. Check your URI and try again."
_STATES = {State.EDITED: "editing", State.PAUSED: "paused", State.STOPPED: "stopped"}


def workflow_routes(workflows: Workflows, assumptions: Assumptions) -> list[web.RouteDef]:
    """List the addresses; the API gateway stands in front of them."""
    rest = _Rest(workflows, assumptions)
    return [
        web.get(_BASE, rest.tell),
        web.post(_BASE + "/commands", rest.command),
        web.post(_BASE + "/trigger", rest.trigger),
    ]


class _Rest:
    def __init__(self, workflows: Workflows, assumptions: Assumptions) -> None:
        self._workflows = workflows
        self._between = timedelta(minutes=assumptions.signal_minutes)
        self._longest = assumptions.signal_bytes
        self._signalled: dict[str, datetime] = {}

    async def tell(self, request: web.Request) -> web.Response:
        """Tell the state of a workflow; one that runs and begins with a signal has a trigger."""
        name, state = self._found(request)
        address = str(request.url.with_path(request.path.rstrip("/"), encoded=False))
        body: dict[str, Any] = {
            "PKey": name,
            "href": address,
            "name": name,
            "state": _STATES.get(state, "started"),
            "commands": {"href": f"{address}/commands"},
        }
        if state.runs and name not in TECHNICAL:
            body["trigger"] = {"href": f"{address}/trigger"}
        return web.json_response(body)

    async def command(self, request: web.Request) -> web.Response:
        """Start, pause, resume or stop a workflow."""
        name, _ = self._found(request)
        verbs: Mapping[str, Callable[[str], None]] = {
            "start": self._workflows.start,
            "resume": self._workflows.start,
            "pause": self._workflows.pause,
            "stop": self._workflows.stop,
        }
        verb = verbs.get(str((await _object(request)).get("method")))
        if verb is None:
            return _failure(400, "The method is none of start, pause, resume, stop.")
        verb(name)
        return web.json_response({})

    async def trigger(self, request: web.Request) -> web.Response:
        """Signal a workflow that runs."""
        name, state = self._found(request)
        if not state.runs or name in TECHNICAL:
            return _failure(500, _FAILED)
        content = await _object(request)
        parameters = content.get("parameters", {})
        if len(await request.read()) > self._longest or not isinstance(parameters, dict):
            return _failure(400, f"The parameters are no object of at most {self._longest} bytes.")
        now = self._workflows.clock.now()
        if (last := self._signalled.get(name)) is not None and now - last < self._between:
            after = str(int((last + self._between - now).total_seconds()) + 1)
            return web.json_response(
                {"error_code": "429050", "message": "Too many requests"}, status=429, headers={"Retry-After": after}
            )
        self._signalled[name] = now
        self._workflows.post_event(name, SIGNAL, {str(key): str(value) for key, value in parameters.items()})
        return web.json_response({})

    def _found(self, request: web.Request) -> tuple[str, State]:
        name = request.match_info["workflow"]
        try:
            return name, self._workflows.state(name)
        except WorkflowError:
            raise web.HTTPNotFound from None


async def _object(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _failure(code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message}, status=code)
