"""HTTP under SOAP: one POST, and what can go wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
from audience_gateway.sdk import Permanent, Transient, body_of

from audience_gateway_campaign.faults import Answer
from audience_gateway_campaign.settings import CampaignSettings

_ROUTER = "/nl/jsp/soaprouter.jsp"
_LONGEST_ANSWER = 64 << 20


class Transport:
    """Sends envelopes to an instance's SOAP router."""

    def __init__(self, http: aiohttp.ClientSession, settings: CampaignSettings) -> None:
        self._http = http
        self._address = settings.url.rstrip("/") + _ROUTER
        self._timeout_seconds = settings.timeout_seconds
        # A query may take its time before the first byte, so the session's wait between two reads does not count here.
        self._timeout = aiohttp.ClientTimeout(sock_connect=http.timeout.sock_connect)
        self.place = settings.place

    async def post(
        self,
        action: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        repeatable: bool,
        timeout_seconds: float | None = None,
    ) -> Answer:
        """Send one envelope.

        Args:
            action: the header `SOAPAction`.
            body: the envelope.
            headers: what authorises the call.
            repeatable: whether sending it twice does no harm, so that it may be sent again over a new connection when
                Campaign had closed the idle one.
            timeout_seconds: a shorter timeout than the connection's.

        Raises Transient if no whole answer comes, Permanent if it is too large.
        """
        seconds = min(self._timeout_seconds, timeout_seconds or self._timeout_seconds)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action, **headers}
        sent = False
        try:
            async with asyncio.timeout(seconds):
                try:
                    return await self._exchange(body, headers)
                except aiohttp.ServerDisconnectedError:
                    if not repeatable:
                        raise
                    sent = True
                    return await self._exchange(body, headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._unreachable(error, sent=sent) from error
        except TimeoutError as error:
            raise Transient(
                f"Campaign did not answer within {seconds:g} s.",
                place=self.place,
                remedy="Raise `timeout_seconds`, or lower `page_rows` and `write_rows`.",
            ) from error
        except aiohttp.ClientError as error:
            raise self._unreachable(error, sent=True) from error

    def _unreachable(self, error: Exception, *, sent: bool) -> Transient:
        return Transient(
            f"Campaign cannot be reached ({type(error).__name__}).",
            place=self.place,
            remedy="Check that the instance is running, `url`, and the network in between.",
            sent=sent,
        )

    async def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        # A redirect is not followed: it would carry the session to another host.
        async with self._http.post(
            self._address, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await self._content(response))

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        content = await body_of(response, _LONGEST_ANSWER)
        if content is None:
            raise Permanent(
                f"Campaign's answer is longer than {_LONGEST_ANSWER >> 20} MiB.",
                place=self.place,
                remedy="Lower `page_rows`.",
            )
        return content
