"""Calls with a session: authorised, read off the event loop, and repeated when they failed in passing.

A call whose session had expired is repeated once with a new one; a logon is never repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from audience_gateway.sdk import AuthError, Context, GatewayError, Permanent

from audience_gateway_campaign.access import Access, BearerAccess, Grant, SessionAccess
from audience_gateway_campaign.envelope import Call, Element, local_name, request_body, response_body
from audience_gateway_campaign.faults import Answer, fault_error, http_error
from audience_gateway_campaign.logon import Logon, LogonByPassword, LogonByToken
from audience_gateway_campaign.retries import Retries
from audience_gateway_campaign.settings import CampaignSettings
from audience_gateway_campaign.transport import Transport

Results = Sequence[Element]
T = TypeVar("T")

_LARGE_ANSWER = 16 << 10
_LOGOFF_SECONDS = 5.0


class Session:
    """The one way in which this connector calls Campaign."""

    def __init__(self, settings: CampaignSettings, context: Context) -> None:
        self._transport = Transport(context.http, settings)
        self.now = context.now
        self._retries = Retries(settings.attempts, settings.retry_base_seconds)
        self._access = self._access_by(settings, context)

    @property
    def place(self) -> str:
        """Host and port, for errors."""
        return self._transport.place

    async def call(
        self, call: Call, read: Callable[[Results], T], *, repeatable: bool = True, refusals_count: bool = False
    ) -> T:
        """Call a method and read its result elements.

        Args:
            call: the method and its parameters.
            read: reads the result elements.
            repeatable: whether sending it twice does no harm, so that it is sent again when it failed in passing.
            refusals_count: whether a refusal is the answer, instead of a failure that may pass.

        Raises AuthError, RateLimited, Transient, or Permanent (a FaultError if Campaign gave a reason).
        """
        grant = await self._access.grant()
        failures, renewed, sent = 0, False, False
        while True:
            try:
                return await self._send(call, grant, read, repeatable=repeatable)
            except GatewayError as error:
                error.sent = sent = sent or error.sent
                refused = isinstance(error, AuthError) and not renewed
                failures += not refused
                wait = 0.0 if refused else self._retries.wait(error, failures, refusals=not refusals_count)
                if wait is None or not (refused or repeatable):
                    raise
            # Outside of the handler: what goes wrong with a logon is not tried again.
            if refused:
                grant, renewed = await self._access.grant(refused=grant), True
            await asyncio.sleep(wait)

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
            return read(self._results(call, answer))
        return await asyncio.to_thread(lambda: read(self._results(call, answer)))

    def _results(self, call: Call, answer: Answer) -> Results:
        response = response_body(answer.content)
        if response is None:
            raise http_error(answer, self.place)
        if local_name(response) == "Fault":
            raise fault_error(response, self.place)
        if local_name(response) != f"{call.method}Response":
            raise Permanent(
                f"Campaign's answer is none to `{call.method}`.",
                place=self.place,
                remedy="Check that nothing between the gateway and the instance rewrites answers.",
                sent=True,
            )
        return list(response.iterchildren("*"))

    def _access_by(self, settings: CampaignSettings, context: Context) -> Access:
        if not settings.credentials:
            return SessionAccess(self._logged_on_by(LogonByPassword(settings.user, settings.password)))
        provider = context.credentials(settings.credentials)
        if settings.bearer_logon:
            return SessionAccess(self._logged_on_by(LogonByToken(provider)))
        return BearerAccess(provider)

    def _logged_on_by(self, logon: Logon) -> Callable[[], Awaitable[Grant]]:
        async def log_on() -> Grant:
            call = await logon.call()
            try:
                return await self._send(call, Grant(), self._session_of, repeatable=False)
            except AuthError:
                logon.refused()
                raise

        return log_on

    def _session_of(self, results: Results) -> Grant:
        texts = [result.text or "" for result in results]
        if not texts or not texts[0]:
            raise Permanent("Campaign's logon gave no session.", place=self.place)
        return Grant(session_token=texts[0], security_token=texts[2] if len(texts) > 2 else "")  # noqa: PLR2004  # the third result
