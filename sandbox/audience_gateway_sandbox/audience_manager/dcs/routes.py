"""The addresses of the data collection servers and of the ID service (audience-manager 6, people-and-ids 3)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.dcs.answers import (
    COOKIE,
    answer,
    errors_of,
    event_body,
    pixel,
    redirection,
    remember,
)
from audience_gateway_sandbox.audience_manager.dcs.errors import Code
from audience_gateway_sandbox.audience_manager.dcs.events import Call, Events, Reply
from audience_gateway_sandbox.audience_manager.dcs.parameters import BadEncoding, Parameters
from audience_gateway_sandbox.audience_manager.dcs.regions import region_of
from audience_gateway_sandbox.audience_manager.store import milliseconds
from audience_gateway_sandbox.clock import Clock
from audience_gateway_sandbox.ims import Throttle

LONGEST_QUERY = 8 << 10
LONGEST_FORM = 32 << 10
_ID_SYNC_SECONDS = 604800
_OPT_OUT_SECONDS = 7200
_BLOB_BYTES = 48
_OPTED_OUT = {"d_optout": ["global"], "d_ottl": _OPT_OUT_SECONDS}

Answer = Callable[[Call], Awaitable[web.Response]]


def dcs_routes(data: AudienceData, clock: Clock) -> list[web.RouteDef]:
    """List the addresses; none asks for a token."""
    servers = _Servers(data, clock)
    return [
        web.get("/event", servers.taking(servers.event)),
        web.post("/event", servers.taking(servers.event)),
        web.get("/ibs:{parameters:.*}", servers.taking(servers.id_sync)),
        web.get("/id", servers.taking(servers.id)),
        web.get("/optOutStatus", servers.taking(servers.opt_out_status)),
        web.get("/demoptout.jpg", servers.taking(servers.opt_out)),
    ]


class _Servers:
    def __init__(self, data: AudienceData, clock: Clock) -> None:
        self._events = Events(data)
        self._identities = data.identities
        self._assumptions = data.assumptions
        self._clock = clock
        self._throttle = Throttle(data.assumptions.events_a_minute, clock)

    def taking(self, handler: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Read a call, and refuse what cannot be one."""

        async def handle(request: web.Request) -> web.Response:
            if wait := self._throttle.wait("events"):
                await request.read()
                return web.Response(status=429, headers={"Retry-After": str(wait)})
            if not request.headers.get("Host"):
                return answer(errors_of([Code.NO_HOST]), [Code.NO_HOST])
            try:
                parameters = Parameters.read(*await _texts(request))
            except BadEncoding:
                return answer(errors_of([Code.BAD_ENCODING]), [Code.BAD_ENCODING])
            region = region_of(request.host, self._assumptions.dcs_region)
            cookie = request.cookies.get(COOKIE, "")
            return await handler(Call(parameters, cookie, region, milliseconds(self._clock.now())))

        return handle

    async def event(self, call: Call) -> web.Response:
        """Take an event; without `d_rtbd=json` the answer is a pixel."""
        reply = await asyncio.to_thread(self._events.take, call)
        if call.parameters.text("d_rtbd") != "json":
            return remember(pixel(reply.errors), reply)
        callback = call.parameters.text("d_cb")
        return remember(answer(event_body(reply, call.region), reply.errors, callback=callback), reply)

    async def id_sync(self, call: Call) -> web.Response:
        """Link an id with the device of the cookie; send the caller on, with the device id in the address."""
        reply = await asyncio.to_thread(self._events.take, call)
        address = call.parameters.text("redir")
        if not address:
            return remember(pixel(reply.errors), reply)
        uuid = reply.device.uuid if reply.device is not None and not reply.opted_out else ""
        return remember(redirection(address.replace("${DD_UUID}", uuid), reply.errors), reply)

    async def id(self, call: Call) -> web.Response:
        """Tell the Experience Cloud ID of the caller: the given one if it is good, else a new one."""
        parameters = call.parameters
        if parameters.text("d_mid") or parameters.text("d_orgid"):
            reply = await asyncio.to_thread(self._events.take, call)
        else:
            reply = Reply(None, [Code.BAD_ORGANIZATION])
        body = self._id_body(call, reply) | errors_of(reply.errors)
        if reply.errors:
            body["error_msg"] = body["errors"][0]["msg"]
        return remember(answer(body, reply.errors, callback=parameters.text("d_cb")), reply)

    def _id_body(self, call: Call, reply: Reply) -> dict[str, Any]:
        if reply.opted_out:
            return {"dcs_region": str(call.region), **_OPTED_OUT}
        if reply.device is None:
            return {}
        return {
            "d_mid": reply.device.ecid,
            "dcs_region": str(call.region),
            "id_sync_ttl": str(_ID_SYNC_SECONDS),
            "d_blob": _blob(reply.device.uuid),
        }

    async def opt_out_status(self, call: Call) -> web.Response:
        """Tell whether the caller has opted out."""
        opted_out = await asyncio.to_thread(self._events.has_opted_out, call)
        return answer(_OPTED_OUT if opted_out else _OPTED_OUT | {"d_optout": []}, [])

    async def opt_out(self, call: Call) -> web.Response:
        """Opt out whom a call names."""
        reply = await asyncio.to_thread(self._events.opt_out, call)
        return remember(pixel(reply.errors), reply)


async def _texts(request: web.Request) -> list[str]:
    """Read the raw parameters; an ID synchronization has them in its path. Raises for a call that is too long."""
    path, _, query = request.raw_path.partition("?")
    texts = [query, path.partition("/ibs:")[2]]
    if request.method == "POST":
        form = await request.read()
        if len(form) > LONGEST_FORM:
            raise web.HTTPRequestEntityTooLarge(LONGEST_FORM, len(form))
        texts.append(form.decode(errors="replace"))
    if sum(map(len, texts[:2])) > LONGEST_QUERY:
        raise web.HTTPRequestURITooLong
    return texts


def _blob(uuid: str) -> str:
    """Make up the encrypted metadata of a device; nobody reads them but the servers."""
    digest = hashlib.sha512(uuid.encode()).digest()[:_BLOB_BYTES]
    return base64.urlsafe_b64encode(digest).decode()
