"""The API gateway in front of the REST systems: who may call them at all (ims 7, 8, 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler

from audience_gateway_sandbox.ims.forms import bearer
from audience_gateway_sandbox.ims.throttle import Throttle
from audience_gateway_sandbox.ims.tokens import LEGACY, Tokens

_SLASHES = re.compile("/{2,}")
_BY_HEADER = re.compile(r"/(?:v1|data|event/s2s|stream|profile)(?:/|$)")
"""Audience Manager, its customer-data API and the Experience Platform: the organisation is in a header."""
_LEGACY = re.compile(r"/v1(?:/|$)")
"""Audience Manager: what tokens of its own are good for."""
_BY_PATH = re.compile(r"/(?:console/organizations/(?P<console>[^/]+)|(?P<campaign>[^/]+@[^/]+)/campaign)(?:/|$)")
"""The developer console and Campaign's REST interface: it is in the path."""


def user_of(tokens: Tokens, request: web.Request) -> str:
    """Tell whose token a call bears that was let through."""
    claims = tokens.judge(bearer(request)).claims
    return "" if claims is None else str(claims["user_id"])


class _Refused(Exception):
    """An error of the gateway: six digits, of which the first three are the HTTP status."""

    def __init__(self, code: str, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code, self.message, self.retry_after = code, message, retry_after


class Gateway:
    """Checks calls in the order of ims 9: token, key, organisation, rate.

    Args:
        tokens: which tokens and clients there are.
        throttle: limits the calls of a client to a sandbox of the platform.
        numbers: whether `error_code` is a number instead of text.
    """

    def __init__(self, tokens: Tokens, throttle: Throttle, *, numbers: bool = False) -> None:
        self._tokens = tokens
        self._throttle = throttle
        self._numbers = numbers

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a call through to its system, or refuse it."""
        try:
            self._check(request, _SLASHES.sub("/", request.path))
        except _Refused as refused:
            await request.read()
            return self._answer(request, refused)
        return await handler(request)

    def _check(self, request: web.Request, path: str) -> None:
        by_path = _BY_PATH.match(path)
        if by_path is None and not _BY_HEADER.match(path):
            return
        claims = self._claims_of(request)
        client = str(claims["client_id"])
        if claims["type"] == LEGACY and not _LEGACY.match(path):
            raise _Refused("401013", "Oauth token is not valid")
        if claims["type"] != LEGACY:
            self._check_client(request, client, by_path)
        if wait := self._throttle.wait((client, request.headers.get("x-sandbox-name", "prod"))):
            raise _Refused("429050", "Too many requests", wait)

    def _check_client(self, request: web.Request, client: str, by_path: re.Match[str] | None) -> None:
        key = request.headers.get("x-api-key", "")
        if not key:
            raise _Refused("403000", "Api Key is required")
        if key != client or key not in self._tokens.clients:
            raise _Refused("403003", "Api Key is invalid")
        org = (
            request.headers.get("x-gw-ims-org-id", "") if by_path is None else by_path["console"] or by_path["campaign"]
        )
        if not org:
            raise _Refused("400003", "Missing header")
        if org != self._tokens.clients[client].org_id:
            campaign = by_path is not None and by_path["campaign"]
            raise _Refused("403023" if campaign else "403025", "Profile is not valid")

    def _claims_of(self, request: web.Request) -> Mapping[str, Any]:
        if not request.headers.get("Authorization"):
            raise _Refused("403010", "Oauth token is missing.")
        claims = self._tokens.judge(bearer(request)).claims
        if claims is None:
            raise _Refused("401013", "Oauth token is not valid")
        return claims

    def _answer(self, request: web.Request, refused: _Refused) -> web.Response:
        headers = {"Server": "APIP", "X-Request-Id": request.headers.get("x-request-id") or uuid4().hex}
        if refused.retry_after:
            headers["Retry-After"] = str(refused.retry_after)
        if refused.code.startswith("401"):
            # As legacy clients know it (audience-manager 1.1), but without the token.
            told = 'realm="oauth", error="invalid_token", error_description="Access token expired or invalid"'
            headers["WWW-Authenticate"] = f"Bearer {told}"
        code = int(refused.code) if self._numbers else refused.code
        body = {"error_code": code, "message": refused.message}
        return web.json_response(body, status=int(refused.code[:3]), headers=headers)
