"""The credential provider: a cached token, refreshed by one request however many ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from audience_gateway.sdk import AuthError, Context

from audience_gateway_ims.answers import Grant, SecretRefusedError
from audience_gateway_ims.endpoint import TokenEndpoint
from audience_gateway_ims.settings import ImsSettings


@dataclass(frozen=True, slots=True)
class _CachedToken:
    token: str = field(repr=False)
    fresh_until: datetime


class ImsTokens:
    """Supplies IMS access tokens; a `CredentialProvider`.

    A token is reused until `refresh_margin_seconds` before its end, because IMS throttles clients that ask for too
    many (ims 2). With two secrets, the one that worked last is tried first.
    """

    def __init__(self, settings: ImsSettings, context: Context) -> None:
        self._settings = settings
        self._now: Callable[[], datetime] = context.now
        self._endpoint = TokenEndpoint(context.http, settings)
        self._secrets = list(settings.client_secrets)
        self._cached: _CachedToken | None = None
        self._refresh: asyncio.Task[_CachedToken] | None = None

    @property
    def client_id(self) -> str:
        """The client that the tokens are issued to (the API key)."""
        return self._settings.client_id

    @property
    def org_id(self) -> str:
        """The organisation that the tokens are good for; empty if not configured."""
        return self._settings.org_id

    async def token(self, *, refused: str | None = None) -> str:
        """Supply a token that is good now, never the one that was `refused`.

        Raises AuthError, RateLimited, Transient, ConfigError (a secret that leads nowhere) or Permanent (`url` is no
        token service).
        """
        cached = self._cached
        if cached is not None and cached.token != refused and self._now() < cached.fresh_until:
            return cached.token
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(self._refreshed())
        # One caller that gives up must not end the refresh that others wait for.
        token = (await asyncio.shield(self._refresh)).token
        if token == refused:
            raise AuthError(
                "The token service issued the refused token again.", remedy="Check the rights of the credential."
            )
        return token

    async def close(self) -> None:
        """Forget the token and end a refresh that is going on."""
        self._cached = None
        if self._refresh is not None and not self._refresh.done():
            self._refresh.cancel()
            with suppress(asyncio.CancelledError):
                await self._refresh

    async def _refreshed(self) -> _CachedToken:
        grant = await self._grant()
        # A lifetime shorter than the margin must not make every call a refresh.
        margin = min(self._settings.refresh_margin_seconds, grant.lifetime / 2)
        self._cached = _CachedToken(grant.token, self._now() + timedelta(seconds=grant.lifetime - margin))
        return self._cached

    async def _grant(self) -> Grant:
        for secret in tuple(self._secrets):
            try:
                grant = await self._endpoint.request_token(secret.reveal())
            except SecretRefusedError as error:
                refusal = error
            else:
                self._secrets.sort(key=lambda other: other is not secret)
                return grant
        raise refusal
