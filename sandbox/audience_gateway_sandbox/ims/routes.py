"""The addresses of the token service (sandbox 2, ims 1 to 5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from aiohttp import web

from audience_gateway_sandbox.ims.clients import Client
from audience_gateway_sandbox.ims.forms import FormError, bearer, fields
from audience_gateway_sandbox.ims.service_accounts import BadAssertion, check_assertion
from audience_gateway_sandbox.ims.throttle import Throttle
from audience_gateway_sandbox.ims.tokens import LEGACY, LIFETIME, Tokens

Handler = Callable[[web.Request], Awaitable[web.Response]]
_SERVICES = ("acp", "dma_tartan")
"""The products that a credential is entitled for: the Experience Platform and Campaign (ims 5)."""


class _Refused(Exception):
    """An error answer of the token service: 400, also for a wrong secret (ims 3), or 429 with `Retry-After`."""

    def __init__(self, error: str, description: str, status: int = 400, retry_after: int = 0) -> None:
        super().__init__(error)
        self._answer = {"error": error, "error_description": description}
        self._status = status
        self._headers = {"Retry-After": str(retry_after)} if retry_after else {}

    def response(self) -> web.Response:
        return web.json_response(self._answer, status=self._status, headers=self._headers)


def routes(tokens: Tokens, minting: Throttle | None = None, *, jwt_exchange: bool = False) -> list[web.RouteDef]:
    """List the addresses; v2 and v3 of the token endpoint behave alike.

    Args:
        tokens: the tokens of all clients.
        minting: limits how many of them a client gets.
        jwt_exchange: whether service accounts get tokens for a JWT.
    """
    service = _Service(tokens, minting, jwt_exchange=jwt_exchange)
    return [
        web.post("/ims/token/v2", _answered(service.token)),
        web.post("/ims/token/v3", _answered(service.token)),
        web.post("/ims/validate_token/v1", _answered(service.validate)),
        web.get("/ims/validate_token/v1", _answered(service.validate)),
        web.post("/ims/invalidate_token/v2", _answered(service.invalidate)),
        web.post("/ims/exchange/jwt", _answered(service.exchange)),
        web.get("/ims/profile/v1", _answered(service.profile)),
        web.post("/ims/profile/v1", _answered(service.profile)),
    ]


def _answered(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except _Refused as refused:
            return refused.response()
        except FormError as error:
            return _Refused("invalid_request", str(error)).response()

    return handle


class _Service:
    def __init__(self, tokens: Tokens, minting: Throttle | None, *, jwt_exchange: bool) -> None:
        self._tokens = tokens
        self._minting = minting
        self._jwt_exchange = jwt_exchange

    async def token(self, request: web.Request) -> web.Response:
        form = await fields(request)
        client = self._client(form)
        grant = _required(form, "grant_type")
        if grant != "client_credentials":
            raise _Refused("unsupported_grant_type", "The only grant type here is client_credentials.")
        scopes = client.granted(form.get("scope", ""))
        if scopes is None:
            raise _Refused("invalid_scope", "A scope is not granted to this credential.")
        if self._minting is not None and (wait := self._minting.wait(client.client_id)):
            raise _Refused("too_many_requests", "This credential mints too many tokens.", 429, wait)
        client.used[form["client_secret"]] = self._tokens.now()
        return web.json_response(
            {
                "access_token": self._tokens.mint(client, scopes),
                "token_type": "bearer",
                "expires_in": int(LIFETIME.total_seconds()),
            },
            headers={"Cache-Control": "no-store"},
        )

    async def validate(self, request: web.Request) -> web.Response:
        form = await fields(request)
        verdict = self._tokens.judge(form.get("token") or bearer(request))
        claims, reason = verdict.claims, verdict.reason
        for name, claim in (("type", "type"), ("client_id", "client_id")):
            if claims is not None and form.get(name, claims[claim]) != claims[claim]:
                claims, reason = None, f"{name}_mismatch"
        if claims is None:
            return web.json_response({"valid": False, "reason": reason})
        return web.json_response({"valid": True, "token": dict(claims)})

    async def invalidate(self, request: web.Request) -> web.Response:
        form = await fields(request)
        client = self._client(form)
        token = _required(form, "token")
        claims = self._tokens.judge(token).claims
        if claims is not None and claims["client_id"] != client.client_id:
            raise _Refused("invalid_token", "The token is of another client.")
        self._tokens.invalidate(token)
        return web.json_response({})

    async def profile(self, request: web.Request) -> web.Response:
        claims = self._tokens.judge(bearer(request)).claims
        if claims is None or claims["type"] == LEGACY:
            return web.json_response({"error": "invalid_token"}, status=401)
        contexts = [
            {
                "prodCtx": {
                    "owningEntity": claims["org"],
                    "organization_id": claims["org"],
                    "serviceCode": code,
                    "statusCode": "ACTIVE",
                    "serviceLevel": "standard",
                    "ident": f"sandbox-{code}",
                    "label": code,
                }
            }
            for code in _SERVICES
        ]
        return web.json_response({"userId": claims["user_id"], "projectedProductContext": contexts})

    async def exchange(self, request: web.Request) -> web.Response:
        if not self._jwt_exchange:
            raise _Refused("unsupported_grant_type", "Service accounts (JWT) have ended. Use client_credentials.")
        form = await fields(request)
        client = self._client(form, status_of_wrong_secret=401)
        token = _required(form, "jwt_token")
        try:
            check_assertion(token, client_id=client.client_id, org_id=client.org_id, now=self._tokens.now())
        except BadAssertion as error:
            raise _Refused(str(error), "The JWT is not good for this client.") from None
        return web.json_response(
            {
                "access_token": self._tokens.mint(client, client.scopes),
                "token_type": "bearer",
                "expires_in": LIFETIME // timedelta(milliseconds=1),
            }
        )

    def _client(self, form: Mapping[str, str], status_of_wrong_secret: int = 400) -> Client:
        client = self._tokens.clients.get(_required(form, "client_id"))
        if client is None:
            raise _Refused("invalid_client", "invalid client_id parameter")
        if not client.knows(_required(form, "client_secret")):
            raise _Refused("invalid_client", "invalid client_secret parameter", status_of_wrong_secret)
        return client


def _required(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise _Refused("invalid_request", f"The parameter {name} is missing.")
    return value
