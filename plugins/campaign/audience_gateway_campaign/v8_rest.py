"""The part of Campaign v8's REST interface that this connector needs: profiles and signals (campaign 4.2)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from audience_gateway.sdk import (
    AuthError,
    ConfigError,
    Context,
    CredentialProvider,
    GatewayError,
    Permanent,
    RateLimited,
    Transient,
    body_of,
)

from audience_gateway_campaign.file_workflow_settings import RestSettings

_PROFILES = "/profileAndServices/profile"
_WORKFLOWS = "/workflow/execution/"
_LONGEST_ANSWER = 16 << 20
_signalled: dict[str, datetime] = {}  # connections come and go, and the limit is the workflow's


class CampaignRest:
    """Calls the REST interface with IMS tokens; a refused token is renewed once."""

    def __init__(
        self, settings: RestSettings, context: Context, credentials: CredentialProvider, timeout_seconds: float
    ) -> None:
        self._settings = settings
        self._context = context
        self._credentials = credentials
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self.place = urlsplit(settings.url).netloc

    async def profiles(self) -> AsyncGenerator[Mapping[str, Any], None]:
        """Read all profiles, page by page as Campaign links them."""
        address: str | None = f"{self._settings.url.rstrip('/')}{_PROFILES}?_forcePagination=true"
        while address:
            page = await self._call("GET", address)
            for profile in page.get("content", ()):
                yield profile
            address = (page.get("next") or {}).get("href")

    async def signal(self, workflow: str, source: str, parameters: Mapping[str, str]) -> None:
        """Signal a workflow that runs.

        Raises RateLimited within the time that must lie between two, Permanent for a signal that is too long.
        """
        body = json.dumps({"source": source, "parameters": dict(parameters)}).encode()
        if len(body) > self._settings.signal_bytes:
            raise Permanent(
                f"a signal has {len(body)} bytes, at most {self._settings.signal_bytes} are taken", place=self.place
            )
        address = f"{self._settings.url.rstrip('/')}{_WORKFLOWS}{quote(workflow, safe='')}"
        self._take_turn(address)
        try:
            trigger = (await self._call("GET", address)).get("trigger") or {}
            if not trigger.get("href"):
                raise Permanent(
                    f"the workflow `{workflow}` takes no signal",
                    place=self.place,
                    remedy="Start it, and see that it begins with an external signal.",
                )
            await self._call("POST", trigger["href"], body)
        except GatewayError as error:
            if not error.sent:
                del _signalled[address]
            raise

    def _take_turn(self, workflow: str) -> None:
        now, between = self._context.now(), timedelta(minutes=self._settings.signal_minutes)
        last = _signalled.get(workflow)
        if last is not None and now - last < between:
            raise RateLimited(
                "the workflow was signalled a short time ago",
                place=self.place,
                retry_after=(last + between - now).total_seconds(),
            )
        _signalled[workflow] = now

    async def _call(self, verb: str, address: str, body: bytes | None = None) -> Mapping[str, Any]:
        if urlsplit(address)[:2] != urlsplit(self._settings.url)[:2]:
            raise Permanent("a link leads to another host, which gets no token", place=self.place)
        token = await self._credentials.token()
        try:
            return await self._exchange(verb, address, body, token)
        except AuthError:
            return await self._exchange(verb, address, body, await self._credentials.token(refused=token))

    async def _exchange(self, verb: str, address: str, body: bytes | None, token: str) -> Mapping[str, Any]:
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Api-Key": self._credentials.client_id,
            "Content-Type": "application/json",
            "Cache-Control": "no-cache",
        }
        try:
            async with self._context.http.request(
                verb, address, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                content = await body_of(response, _LONGEST_ANSWER)
                if response.status >= HTTPStatus.MULTIPLE_CHOICES:
                    raise self._refusal(response)
        except (TimeoutError, aiohttp.ClientError) as error:
            unsent = isinstance(error, aiohttp.ClientConnectorError) or verb == "GET"
            raise Transient(
                f"Campaign's REST interface cannot be reached ({type(error).__name__})",
                place=self.place,
                sent=not unsent,
            ) from error
        return self._object(content)

    def _object(self, content: bytes | None) -> Mapping[str, Any]:
        if content is None:
            raise Permanent(f"an answer is longer than {_LONGEST_ANSWER >> 20} MiB", place=self.place)
        try:
            found = json.loads(content) if content else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Permanent("found something that is no JSON object", place=self.place, remedy="Correct `rest.url`.")
        return found

    def _refusal(self, response: aiohttp.ClientResponse) -> GatewayError:
        status = response.status
        if status == HTTPStatus.UNAUTHORIZED:
            return AuthError("the token was refused", place=self.place, remedy="Check the technical account's product.")
        if status == HTTPStatus.FORBIDDEN:
            return ConfigError("the technical account may not do this", place=self.place, remedy="Check its rights.")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            after = response.headers.get("Retry-After", "")
            return RateLimited(
                "Campaign limits the rate of calls",
                retry_after=float(after) if after.isdecimal() else None,
                place=self.place,
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Transient(f"Campaign's REST interface failed with HTTP {status}", place=self.place)
        return Permanent(f"Campaign's REST interface refused the call with HTTP {status}", place=self.place)


class RestSignal:
    """Signals by REST."""

    def __init__(self, rest: CampaignRest, workflow: str) -> None:
        self._rest = rest
        self._workflow = workflow

    async def require_started(self) -> None:
        """Do nothing: a workflow that is not started offers no trigger."""

    async def post(self, variables: Mapping[str, str]) -> None:
        """Post the signal."""
        await self._rest.signal(self._workflow, "audience-gateway", variables)
