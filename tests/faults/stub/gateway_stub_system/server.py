"""The stub's HTTP interface.

POST /audiences/{audience}/add and /remove take `{key, members}` and answer `{accepted, refused: [{member, code}]}`;
with a key a repeat changes nothing and gets the first account again, without one it is done again.
POST /audiences/{audience}/find takes `{members}` and answers `{found}`.
GET /audiences/{audience}/members?after=&limit= answers `{members, next}`.
GET /audiences/{audience} tells of one audience what /state tells of all; DELETE drops it.
POST /script takes a list of replies, GET /state tells what has come in.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from gateway_stub_system.audiences import AudienceState
from gateway_stub_system.script import Reply, Script

_LONGEST_BODY = 64 << 20
_PAGE = 10_000


class StubSystem:
    """A connected system for tests."""

    def __init__(self) -> None:
        self.audiences: dict[str, AudienceState] = defaultdict(AudienceState)
        self.script = Script()
        self.calls: list[dict[str, Any]] = []
        self.under_way = self.most_at_once = 0
        self._accounts: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._over = asyncio.Event()

    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application(client_max_size=_LONGEST_BODY)
        application.add_routes(
            [
                web.post("/audiences/{audience}/{change:add|remove}", self._change),
                web.post("/audiences/{audience}/find", self._find),
                web.get("/audiences/{audience}/members", self._members),
                web.get("/audiences/{audience}", self._audience),
                web.delete("/audiences/{audience}", self._forget),
                web.get("/state", self._state),
                web.post("/script", self._tell),
            ]
        )
        application.on_shutdown.append(self._end)
        return application

    async def _change(self, request: web.Request) -> web.StreamResponse:
        change, audience = request.match_info["change"], request.match_info["audience"]
        body = await request.json()
        reply = self.script.next(change)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(reply.seconds)
        self.under_way -= 1
        account = self._account(change, audience, body["key"], body["members"], reply)
        self._log(change, audience, reply, key=body["key"], members=len(body["members"]))
        return await self._answer(request, reply, account)

    def _account(
        self, change: str, audience: str, key: str | None, members: Sequence[str], reply: Reply
    ) -> dict[str, Any]:
        known = self._accounts.get((change, audience, key)) if key else None
        if known is not None:
            return known
        account = reply.account(members)
        if reply.commit:
            refused = set(reply.refused(members))
            state = self.audiences[audience]
            (state.add if change == "add" else state.remove)(one for one in members if one not in refused)
            if key:
                self._accounts[change, audience, key] = account
        return account

    async def _find(self, request: web.Request) -> web.StreamResponse:
        audience = request.match_info["audience"]
        members = (await request.json())["members"]
        reply = self.script.next("find")
        self._log("find", audience, reply, members=len(members))
        times = self.audiences[audience].times
        return await self._answer(request, reply, {"found": [member for member in members if member in times]})

    async def _members(self, request: web.Request) -> web.StreamResponse:
        audience = request.match_info["audience"]
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", _PAGE))
        reply = self.script.next("members")
        page = self.audiences[audience].page(after, limit)
        self._log("members", audience, reply, members=len(page))
        following = after + len(page) if len(page) == limit else None
        return await self._answer(request, reply, {"members": page, "next": following})

    async def _answer(self, request: web.Request, reply: Reply, account: dict[str, Any]) -> web.StreamResponse:
        if reply.silent:
            await self._over.wait()
        headers = {"Content-Type": "application/json"}
        if reply.retry_after is not None:
            headers["Retry-After"] = reply.retry_after
        content = (json.dumps(account) if reply.body is None else reply.body).encode()
        if reply.cut is None:
            return web.Response(body=content, status=reply.status, headers=headers)
        answer = web.StreamResponse(status=reply.status, headers={**headers, "Content-Length": str(len(content))})
        if reply.cut == "middle":
            await answer.prepare(request)
            await answer.write(content[: len(content) // 2])
        if request.transport is not None:
            request.transport.close()
        return answer

    async def _audience(self, request: web.Request) -> web.Response:
        return web.json_response(self.audiences[request.match_info["audience"]].summary())

    async def _forget(self, request: web.Request) -> web.Response:
        self.audiences.pop(request.match_info["audience"], None)
        return web.json_response({})

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "audiences": {name: audience.summary() for name, audience in sorted(self.audiences.items())},
                "calls": self.calls,
                "script_left": self.script.left(),
            }
        )

    async def _tell(self, request: web.Request) -> web.Response:
        self.script.forget()
        for reply in await request.json():
            self.script.tell(reply)
        return web.json_response({})

    async def _end(self, _: web.Application) -> None:
        self._over.set()

    def _log(self, kind: str, audience: str, reply: Reply, **more: object) -> None:
        self.calls.append({"call": kind, "audience": audience, "status": reply.status, **more})
