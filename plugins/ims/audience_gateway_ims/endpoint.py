"""The token endpoint: one request for a token, and the retries that it deserves."""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlsplit

import aiohttp
from audience_gateway.sdk import Transient, body_of

from audience_gateway_ims.answers import Grant, read_grant
from audience_gateway_ims.settings import ImsSettings

_LONGEST_WAIT_SECONDS = 60.0
_LONGEST_ANSWER = 1 << 20


class TokenEndpoint:
    """Asks for tokens with client credentials (ims 2)."""

    def __init__(self, http: aiohttp.ClientSession, settings: ImsSettings) -> None:
        self._http = http
        self._settings = settings
        self._address = settings.url.rstrip("/") + settings.token_path
        self._place = urlsplit(settings.url).netloc.rpartition("@")[2]
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout_seconds)

    async def request_token(self, secret: str) -> Grant:
        """Ask for a new token, again if the service failed in passing. Raises what `read_grant` raises."""
        for attempt in range(1, self._settings.attempts):
            try:
                return await self._ask(secret)
            except Transient:
                ceiling = min(_LONGEST_WAIT_SECONDS, self._settings.retry_base_seconds * 2 ** (attempt - 1))
                await asyncio.sleep(random.uniform(0, ceiling))  # noqa: S311  # jitter, no secret
        return await self._ask(secret)

    async def _ask(self, secret: str) -> Grant:
        try:
            # A redirect is not followed: it would carry the secret to another host.
            async with self._http.post(
                self._address, data=self._form(secret), timeout=self._timeout, allow_redirects=False
            ) as response:
                body = await body_of(response, _LONGEST_ANSWER) or b""
                return read_grant(response.status, response.headers, body, place=self._place)
        except TimeoutError as error:
            raise Transient(
                f"The token service did not answer within {self._settings.timeout_seconds:g} s.", place=self._place
            ) from error
        except aiohttp.ClientError as error:
            raise Transient(
                f"The token service cannot be reached ({type(error).__name__}).",
                place=self._place,
                remedy="Check `url` of the credentials and the network in between.",
            ) from error

    def _form(self, secret: str) -> dict[str, str]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": secret,
        }
        return form | {"scope": ",".join(self._settings.scopes)} if self._settings.scopes else form
