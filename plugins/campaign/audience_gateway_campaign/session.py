"""Calls with a session: authorised, read off the event loop, and repeated once when the session had expired."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from audience_gateway.sdk import AuthError, ConfigError, Context, GatewayError, Permanent

from audience_gateway_campaign.access import Access, BearerAccess, Grant, SessionAccess
from audience_gateway_campaign.envelope import Call, Element, local_name, request_body, response_body
from audience_gateway_campaign.faults import Answer, fault_error, http_error
from audience_gateway_campaign.settings import CampaignSettings
from audience_gateway_campaign.transport import Transport

Results = Sequence[Element]
T = TypeVar("T")

_LARGE_ANSWER = 16 << 10
_LOGOFF_SECONDS = 5.0


class Session:
    """The one way in which this connector calls Campaign."""

    def __init__(self, settings: CampaignSettings, context: Context) -> None:
        self._settings = settings
        self._transport = Transport(context.http, settings)
        self._access: Access = (
            BearerAccess(context.credentials(settings.credentials))
            if settings.credentials
            else SessionAccess(self._log_on)
        )

    @property
    def place(self) -> str:
        """Host and port, for errors."""
        return self._transport.place

    async def call(self, call: Call, read: Callable[[Results], T]) -> T:
        """Call a method and read its result elements; a refused session is renewed once.

        Raises AuthError, RateLimited, Transient, or Permanent (a FaultError if Campaign gave a reason).
        """
        grant = await self._access.grant()
        try:
            return await self._send(call, grant, read)
        except AuthError:
            grant = await self._access.grant(refused=grant)
            return await self._send(call, grant, read)

    async def close(self) -> None:
        """Log off, if there is a session."""
        grant = await self._access.forget()
        if grant is not None:
            # A session that cannot be ended now ends by itself after its 24 hours.
            with suppress(GatewayError):
                await self._send(Call("xtk:session", "Logoff"), grant, len, timeout_seconds=_LOGOFF_SECONDS)

    async def _send(
        self,
        call: Call,
        grant: Grant,
        read: Callable[[Results], T],
        *,
        repeatable: bool = True,
        timeout_seconds: float | None = None,
    ) -> T:
        answer = await self._transport.post(
            call.action,
            request_body(call, grant.session_token),
            grant.headers,
            repeatable=repeatable,
            timeout_seconds=timeout_seconds,
        )
        if len(answer.content) < _LARGE_ANSWER:
            return read(self._results(answer))
        return await asyncio.to_thread(lambda: read(self._results(answer)))

    def _results(self, answer: Answer) -> Results:
        response = response_body(answer.content)
        if response is None:
            raise http_error(answer, self.place)
        if local_name(response) == "Fault":
            raise fault_error(response, self.place)
        return list(response.iterchildren("*"))

    async def _log_on(self) -> Grant:
        secret = self._settings.password
        if secret is None:
            raise ConfigError("There is no password.", place="password", remedy="Set `password` or `credentials`.")
        parameters = {"strLogin": self._settings.user, "strPassword": secret.reveal(), "elemParameters": ""}
        logon = Call("xtk:session", "Logon", parameters)
        return await self._send(logon, Grant(), self._session_of, repeatable=False)

    def _session_of(self, results: Results) -> Grant:
        texts = [result.text or "" for result in results]
        if not texts or not texts[0]:
            raise Permanent("Campaign's logon gave no session.", place=self.place)
        return Grant(session_token=texts[0], security_token=texts[2] if len(texts) > 2 else "")  # noqa: PLR2004  # the third result
