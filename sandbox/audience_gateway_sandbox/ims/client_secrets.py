"""Rotates the secrets of a credential, as the developer console's API does (ims 1, 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from uuid import NAMESPACE_OID, uuid5

from aiohttp import web

from audience_gateway_sandbox.ims.clients import Client
from audience_gateway_sandbox.ims.tokens import Tokens

_BASE = "/console/organizations/{org}/credentials/{credential}/secrets"
_EPOCH = datetime.fromtimestamp(0, UTC)
_SECRET_BYTES = 24


def secret_routes(tokens: Tokens) -> list[web.RouteDef]:
    """List the addresses. The id of a credential is its client id: an assumption."""
    console = _Console(tokens)
    return [
        web.get(_BASE, console.secrets),
        web.post(_BASE, console.add),
        web.delete(_BASE + "/{uuid}", console.delete),
    ]


class _Console:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def secrets(self, request: web.Request) -> web.Response:
        client = self._client(request)
        return web.json_response([self._entry(client, secret) for secret in client.secrets])

    async def add(self, request: web.Request) -> web.Response:
        client = self._client(request)
        secret = f"p8e-{token_urlsafe(_SECRET_BYTES)}"
        try:
            client.add_secret(secret)
        except ValueError as error:
            return _refused(error)
        client.created[secret] = self._tokens.now()
        return web.json_response({"client_secret": secret} | self._entry(client, secret), status=201)

    async def delete(self, request: web.Request) -> web.Response:
        client = self._client(request)
        secret = next((each for each in client.secrets if _uuid(each) == request.match_info["uuid"]), None)
        if secret is None:
            raise web.HTTPNotFound
        try:
            client.delete_secret(secret)
        except ValueError as error:
            return _refused(error)
        return web.Response(status=204)

    def _client(self, request: web.Request) -> Client:
        client = self._tokens.clients.get(request.match_info["credential"])
        if client is None or client.org_id != request.match_info["org"]:
            raise web.HTTPNotFound
        return client

    def _entry(self, client: Client, secret: str) -> dict[str, object]:
        used = client.used.get(secret)
        usages = [] if used is None else [{"last_used_at": _milliseconds(used), "grant_type": "client_credentials"}]
        created = _milliseconds(client.created.get(secret, _EPOCH))
        return {"uuid": _uuid(secret), "created_at": created, "expires_at": "PERMANENT", "secret_usages": usages}


def _uuid(secret: str) -> str:
    return str(uuid5(NAMESPACE_OID, secret))


def _milliseconds(moment: datetime) -> str:
    return str((moment - _EPOCH) // timedelta(milliseconds=1))


def _refused(error: ValueError) -> web.Response:
    return web.json_response({"code": 400, "message": f"Refused: {error}."}, status=400)
