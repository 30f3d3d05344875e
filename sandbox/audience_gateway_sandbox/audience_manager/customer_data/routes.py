"""The addresses of the Customer Data API; the API gateway stands in front of them (sandbox 4.2)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from json import JSONDecodeError
from typing import Any
from uuid import uuid4

from aiohttp import web

from audience_gateway_sandbox.audience_manager.customer_data.operations import (
    BadOperation,
    Kinds,
    Operation,
    read_fields,
    read_operation,
)
from audience_gateway_sandbox.audience_manager.customer_data.profile_view import profile_view
from audience_gateway_sandbox.audience_manager.customer_data.writing import write
from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.store import milliseconds
from audience_gateway_sandbox.clock import Clock

LONGEST_BODY = 100 << 10
_STREAM = re.compile(r"[a-zA-Z0-9.,+\-$_*!()]+")
_MOST_DIGITS = 18


def customer_data_routes(data: AudienceData, clock: Clock) -> list[web.RouteDef]:
    """List the addresses."""
    api = _CustomerData(data, clock)
    return [
        web.get("/event/s2s/{stream}", api.event),
        web.post("/event/s2s/{stream}", api.event),
        web.post("/stream/{stream}", api.stream),
        web.get("/profile/{source}/{id}", api.profile),
    ]


class _CustomerData:
    def __init__(self, data: AudienceData, clock: Clock) -> None:
        self._data, self._clock = data, clock
        self._kinds = Kinds(data.store, data.assumptions.streams_take_unknown_sources)

    async def event(self, request: web.Request) -> web.Response:
        """Change one profile, told by parameters, by a form or by JSON."""
        try:
            values = await _fields(request)
        except BadOperation as error:
            return _answer([error])
        if _differs(values.get("d_orgid"), request.headers.get("x-gw-ims-org-id", "")):
            return _answer([BadOperation("d_orgid is another organization than that of the header.")])
        return await self._carry_out(request, [lambda: read_fields(values, self._kinds)], "")

    async def stream(self, request: web.Request) -> web.Response:
        """Change profiles: `{"ops": [...]}`, or a bare array of operations."""
        try:
            body = await _json(request)
        except BadOperation as error:
            return _answer([error])
        tracing = str(body.get("tracing_id", "")) if isinstance(body, Mapping) else ""
        operations = body.get("ops") if isinstance(body, Mapping) else body
        if not isinstance(operations, list) or not operations:
            return _answer([BadOperation("The body has no operations.")], tracing)
        readers = [lambda each=each: read_operation(each, self._kinds) for each in operations]
        return await self._carry_out(request, readers, tracing)

    async def profile(self, request: web.Request) -> web.Response:
        """Tell of a profile."""
        source, regions = request.match_info["source"], request.query.get("filter[regionId]", "")
        wanted = [int(part) for part in regions.split(",") if part.strip().isdecimal()]
        if not source.isdecimal() or len(source) > _MOST_DIGITS:
            raise web.HTTPNotFound
        now = milliseconds(self._clock.now())
        view = await asyncio.to_thread(profile_view, self._data, int(source), request.match_info["id"], now, wanted)
        if view is None:
            raise web.HTTPNotFound
        return web.json_response(view)

    async def _carry_out(
        self, request: web.Request, readers: Sequence[Callable[[], Operation]], tracing: str
    ) -> web.Response:
        if not _STREAM.fullmatch(request.match_info["stream"]):
            return _answer([BadOperation("The stream has characters that are not allowed.")], tracing)
        now = milliseconds(self._clock.now())
        return _answer(await asyncio.to_thread(self._results, readers, now), tracing)

    def _results(self, readers: Iterable[Callable[[], Operation]], now: int) -> list[BadOperation | None]:
        """Carry out operations one by one, and tell what was wrong with each; None for nothing."""
        results: list[BadOperation | None] = []
        for read in readers:
            try:
                with self._data.database.transaction():
                    operation = read()
                write(self._data, operation, now)
                results.append(None)
            except BadOperation as error:
                results.append(error)
        return results


def _answer(results: Sequence[BadOperation | None], tracing: str = "") -> web.Response:
    """Answer for each operation, the first being number 1; with none that was carried out the call is bad."""
    errors = [
        {"operationIndex": index, "details": [{"message": str(error)}]}
        for index, error in enumerate(results, start=1)
        if error is not None
    ]
    bad = len(errors) == len(results)
    status = "BAD_REQUEST" if bad else "PARTIAL_SUCCESS" if errors else "SUCCESS"
    body: dict[str, Any] = {"transactionId": uuid4().hex, "status": status, "errors": errors}
    if tracing:
        body["tracingId"] = tracing
    return web.json_response(body, status=400 if bad else 200)


async def _fields(request: web.Request) -> dict[str, object]:
    """Read parameters wherever they are; the body adds to the query."""
    found: dict[str, list[object]] = {}
    for name, value in request.query.items():
        found.setdefault(name, []).append(value)
    if request.content_type == "application/json" and request.can_read_body:
        body = await _json(request)
        if not isinstance(body, Mapping):
            raise BadOperation("The body is no object.")
        for name, given in body.items():
            found.setdefault(str(name), []).extend(given if isinstance(given, list) else [given])
    elif request.method == "POST":
        for name, given in (await request.post()).items():
            found.setdefault(name, []).append(given)
    return dict(found)


async def _json(request: web.Request) -> Any:  # noqa: ANN401 - whatever was sent
    if len(await request.read()) > LONGEST_BODY:
        raise BadOperation(f"The body has more than {LONGEST_BODY} bytes.")
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise BadOperation("The body is no JSON.") from None


def _differs(given: object, org_id: str) -> bool:
    values = given if isinstance(given, list) else []
    return bool(org_id) and any(value != org_id for value in values)
