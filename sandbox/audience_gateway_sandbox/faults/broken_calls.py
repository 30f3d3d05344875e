"""Breaks calls on their way between a caller and the systems, as rules say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from audience_gateway_sandbox.campaign.envelope import fault
from audience_gateway_sandbox.campaign.faults import SoapFault
from audience_gateway_sandbox.faults.rules import Kind, Rule, told

OWN = "/sandbox/"
"""Addresses of the sandbox itself, whose calls are never broken."""

_SLASHES = re.compile("/{2,}")
_COUNT = re.compile(r"""( count=)(["'])([0-9]+)\2""")


@dataclass(slots=True)
class _Counted:
    """A rule, how many calls met it and how many of them it broke."""

    rule: Rule
    met: int = 0
    broken: int = 0

    def breaks(self, path: str, action: str) -> bool:
        if not self.rule.meets(path, action):
            return False
        self.met += 1
        due = self.met > self.rule.skip and (self.met - self.rule.skip) % self.rule.every == 0
        if not due or (self.rule.times and self.broken >= self.rule.times):
            return False
        self.broken += 1
        return True


class BrokenCalls:
    """The rules in force. Each call counts for every rule that it meets; of several that break it, the first wins.

    Args:
        expire: ends the sessions, and the bearer token that it is given.
    """

    def __init__(self, expire: Callable[[str], None]) -> None:
        self._expire = expire
        self._rules: list[_Counted] = []

    def set(self, rules: Sequence[Rule]) -> None:
        """Put rules into force instead of those that are; they begin to count anew."""
        self._rules = [_Counted(rule) for rule in rules]

    def tell(self) -> list[Mapping[str, Any]]:
        """Tell the rules with how many calls they have met and broken."""
        return [told(each.rule) | {"met": each.met, "broken": each.broken} for each in self._rules]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a call, well or as a rule says."""
        broken = self._breaking(request)
        await asyncio.sleep(sum(rule.seconds for rule in broken if rule.kind is Kind.DELAY))
        rule = next((rule for rule in broken if rule.kind is not Kind.DELAY), None)
        return await handler(request) if rule is None else await self._break(rule, request, handler)

    def _breaking(self, request: web.Request) -> list[Rule]:
        path = _SLASHES.sub("/", request.path)
        if not self._rules or path.startswith(OWN):
            return []
        action = request.headers.get("SOAPAction", "").strip().strip('"')
        return [each.rule for each in self._rules if each.breaks(path, action)]

    async def _break(self, rule: Rule, request: web.Request, handler: Handler) -> web.StreamResponse:
        match rule.kind:
            case Kind.EXPIRED_SESSION:
                self._expire(_bearer(request))
                return await handler(request)
            case Kind.REPLY_LOST:
                return _cut(request, await handler(request))
            case Kind.WRONG_COUNTS:
                return _miscounted(await handler(request))
            case Kind.CUT:
                return _cut(request, web.Response())
            case _:
                await request.read()
                return _refusal(rule)


def _refusal(rule: Rule) -> web.Response:
    if rule.kind is Kind.TEXT_403:
        return web.Response(text=rule.text, status=web.HTTPForbidden.status_code)
    if rule.kind is Kind.FAULT:
        return web.Response(text=fault(SoapFault(rule.text, rule.detail)), content_type="text/xml", charset="utf-8")
    return _http_error(rule)


def _cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return answer


def _http_error(rule: Rule) -> web.Response:
    headers = {} if rule.retry_after < 0 else {"Retry-After": str(rule.retry_after)}
    body = {"error_code": f"{rule.status}000", "message": "This error was asked for."}
    return web.json_response(body, status=rule.status, headers=headers)


def _miscounted(answer: web.StreamResponse) -> web.StreamResponse:
    if isinstance(answer, web.Response) and answer.text:
        answer.text = _COUNT.sub(lambda found: f"{found[1]}{found[2]}{int(found[3]) + 1}{found[2]}", answer.text)
    return answer


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
