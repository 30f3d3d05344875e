"""Audience Manager's own OAuth 2 from before the token service (audience-manager 1.1): users with passwords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from secrets import token_hex

from aiohttp import web

from audience_gateway_sandbox.ims.clients import Client
from audience_gateway_sandbox.ims.forms import FormError, fields
from audience_gateway_sandbox.ims.tokens import Tokens

LIFETIME = timedelta(seconds=21922)
_SCOPE = "read write"


def legacy_routes(tokens: Tokens, passwords: Mapping[str, str]) -> list[web.RouteDef]:
    """List the addresses.

    Args:
        tokens: which tokens and clients there are; clients prove themselves by `Authorization: Basic`.
        passwords: those of users.
    """
    return [web.post("/oauth/token", _Legacy(tokens, passwords).token)]


class _Legacy:
    def __init__(self, tokens: Tokens, passwords: Mapping[str, str]) -> None:
        self._tokens, self._passwords = tokens, passwords
        self._refreshing: dict[str, tuple[str, str]] = {}

    async def token(self, request: web.Request) -> web.Response:
        """Give a user tokens for a password, or for a refresh token, which is good once."""
        try:
            form = await fields(request)
        except FormError:
            return _refused("invalid_request", 400)
        client = self._tokens.clients.get(form.get("client_id", ""))
        if client is None or not client.knows(form.get("client_secret", "")):
            return _refused("invalid_client", 401)
        match form.get("grant_type"):
            case "password":
                user = form.get("username", "")
                if not user or self._passwords.get(user) != form.get("password"):
                    return _refused("invalid_grant", 400)
            case "refresh_token":
                owner, user = self._refreshing.pop(form.get("refresh_token", ""), ("", ""))
                if owner != client.client_id:
                    return _refused("invalid_grant", 400)
            case _:
                return _refused("unsupported_grant_type", 400)
        return self._granted(client, user)

    def _granted(self, client: Client, user: str) -> web.Response:
        refresh = token_hex()
        self._refreshing[refresh] = client.client_id, user
        return web.json_response(
            {
                "access_token": self._tokens.mint_legacy(client, user, LIFETIME),
                "token_type": "bearer",
                "refresh_token": refresh,
                "expires_in": int(LIFETIME.total_seconds()),
                "scope": _SCOPE,
            },
            headers={"Cache-Control": "no-store"},
        )


def _refused(error: str, status: int) -> web.Response:
    return web.json_response({"error": error, "error_description": "No token for this."}, status=status)
