"""The endpoint that systems push members to: `/pushes/{connection}`, and `/pushes/{connection}/token`."""

from __future__ import annotations

import asyncio
import base64
import binascii
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from audience_gateway import incidents
from audience_gateway.pushes.access import LIFETIME
from audience_gateway.pushes.intake import Gate, PushIntake
from audience_gateway.pushes.push_counts import PushEnd
from audience_gateway.sdk import ConfigError, GatewayError, Permanent

_LOG = structlog.get_logger("audience_gateway.pushes")
_RETRY_AFTER = {"Retry-After": "1"}
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="audience-gateway"'}
_NO_STORE = {"Cache-Control": "no-store"}


class PushEndpoint:
    """Answers pushes: 200 with what became of the rows, once they are kept.

    400 for a body that is none, 401 without a good token, 404 where no connection takes pushes, 413 for a body that is
    too large; 503 to try again, also while the server drains.

    Args:
        intake: keeps what comes.
        draining: is set when the server drains.
        most_bytes: of a body.
    """

    def __init__(self, intake: PushIntake, draining: asyncio.Event, most_bytes: int) -> None:
        self._intake = intake
        self._draining = draining
        self._most_bytes = most_bytes

    def application(self) -> web.Application:
        """The HTTP application."""
        made = web.Application(client_max_size=self._most_bytes)
        made.router.add_post("/pushes/{connection}", self._push)
        made.router.add_post("/pushes/{connection}/token", self._token)
        made.router.add_get("/health", self._health)
        return made

    async def _push(self, request: web.Request) -> web.Response:
        connection, counts = request.match_info["connection"], self._intake.counts
        counts.astray += connection not in self._intake.gates
        end, response = await self._answer(connection, self._gate(request), request)
        counts.ended(connection, end)
        return response

    async def _answer(self, connection: str, gate: Gate, request: web.Request) -> tuple[PushEnd, web.Response]:
        if self._draining.is_set():
            return PushEnd.ENDING, _refused(HTTPStatus.SERVICE_UNAVAILABLE, "the gateway is ending", **_RETRY_AFTER)
        try:
            if not gate.doorman.lets_in(_bearer(request)):
                return PushEnd.NO_TOKEN, _refused(
                    HTTPStatus.UNAUTHORIZED, "found no token that is good here", **_CHALLENGE
                )
            fates = await self._intake.take(connection, await request.read())
        except web.HTTPRequestEntityTooLarge:
            finding = f"the body is larger than {self._most_bytes} bytes"
            return PushEnd.TOO_LARGE, _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, finding)
        except Exception as error:  # noqa: BLE001  # its text may hold ids, which the library would log
            return _not_kept(connection, error)
        rows = {fate.value: count for fate, count in sorted(fates.items()) if count}
        return PushEnd.KEPT, web.json_response({"rows": rows})

    async def _token(self, request: web.Request) -> web.Response:
        gate = self._gate(request)
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type")
        client, secret = _client(request) or (str(form.get("client_id", "")), str(form.get("client_secret", "")))
        try:
            token = gate.doorman.token(client, secret)
        except ConfigError as error:
            _LOG.error("no token handed out", place=error.place, finding=error.message)
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "no tokens can be handed out now", **_RETRY_AFTER)
        if token is None:
            return _oauth_error("invalid_client", HTTPStatus.UNAUTHORIZED)
        said = {"access_token": token, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds())}
        return web.json_response(said, headers=_NO_STORE)

    async def _health(self, _: web.Request) -> web.Response:
        if self._draining.is_set():
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "the gateway is ending")
        return web.json_response({"status": "SERVING"})

    def _gate(self, request: web.Request) -> Gate:
        gate = self._intake.gates.get(request.match_info["connection"])
        if gate is None:
            raise web.HTTPNotFound(
                text='{"error": "no connection of that name takes pushes"}', content_type="application/json"
            )
        return gate


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _client(request: web.Request) -> tuple[str, str] | None:
    """Client and secret of basic authentication; None without it."""
    scheme, _, code = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(code.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret


def _finding(error: Exception) -> str:
    return error.message if isinstance(error, GatewayError) else type(error).__name__


def _not_kept(connection: str, error: Exception) -> tuple[PushEnd, web.Response]:
    if isinstance(error, Permanent):
        _LOG.warning("push refused", connection=connection, finding=error.message)
        return PushEnd.NO_PUSH, _refused(HTTPStatus.BAD_REQUEST, error.message)
    if isinstance(error, TimeoutError | GatewayError):
        _LOG.warning("push not kept", connection=connection, finding=_finding(error))
        again = "not kept in time; send it again"
        return PushEnd.NOT_IN_TIME, _refused(HTTPStatus.SERVICE_UNAVAILABLE, again, **_RETRY_AFTER)
    incidents.report(error)
    return PushEnd.FAILED, _refused(HTTPStatus.INTERNAL_SERVER_ERROR, "not kept")


def _refused(status: HTTPStatus, finding: str, **headers: str) -> web.Response:
    return web.json_response({"error": finding}, status=status, headers=headers)


def _oauth_error(code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> web.Response:
    said: dict[str, Any] = {"error": code}
    return web.json_response(said, status=status, headers=_NO_STORE)
