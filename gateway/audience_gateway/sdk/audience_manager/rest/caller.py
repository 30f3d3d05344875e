"""Calls of a REST interface with IMS tokens: JSON in, JSON out, and typed errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from audience_gateway.sdk.audience_manager.rest.refusals import TokenRefused, refusal
from audience_gateway.sdk.context import Context
from audience_gateway.sdk.errors import Permanent, Transient
from audience_gateway.sdk.http_bodies import body_of

Query = Sequence[tuple[str, str]]

NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""Errors of calls of which nothing can have arrived."""

_LONGEST_ANSWER = 64 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call that succeeded was answered.

    Attributes:
        content: the body as JSON; None for an empty one.
        etag: version of the object; empty if not told.
    """

    content: Any
    etag: str = ""


class Caller:
    """Calls one interface; a token that is refused is renewed once.

    Args:
        url: what paths are appended to.
        context: the gateway's side.
        credentials: name of the credentials.
        timeout_seconds: how long one call may take.
    """

    def __init__(self, url: str, context: Context, credentials: str, timeout_seconds: float) -> None:
        self._url = url.rstrip("/")
        self._context = context
        self._credentials = credentials
        self._timeout_seconds = timeout_seconds
        self.place = urlsplit(url).netloc

    @property
    def org_id(self) -> str:
        """The organisation of the credentials; empty if not configured."""
        return self._context.credentials(self._credentials).org_id

    async def call(self, verb: str, path: str, *, query: Query = (), body: object = None, if_match: str = "") -> Answer:
        """Calls.

        Args:
            verb: GET, POST, PUT or DELETE.
            path: below the address of the interface, beginning with a slash.
            query: parameters, in order and perhaps repeated.
            body: what is sent as JSON; None for nothing.
            if_match: version that the object must still have; empty if it does not matter.

        Raises AuthError, RateLimited, Transient, Permanent or ConfigError; see `refusals` for the kinds of them.
        """
        provider = self._context.credentials(self._credentials)
        token = await provider.token()
        headers = {"Content-Type": "application/json"} | ({"If-Match": if_match} if if_match else {})
        try:
            return await self._exchange(verb, path, query, body, headers | self._access(token))
        except TokenRefused:
            token = await provider.token(refused=token)
        return await self._exchange(verb, path, query, body, headers | self._access(token))

    def _access(self, token: str) -> dict[str, str]:
        provider = self._context.credentials(self._credentials)
        organisation = {"x-gw-ims-org-id": provider.org_id} if provider.org_id else {}
        return {
            "Authorization": f"Bearer {token}",
            "x-api-key": provider.client_id,
            "Accept": "application/json",
        } | organisation

    async def _exchange(self, verb: str, path: str, query: Query, body: object, headers: Mapping[str, str]) -> Answer:
        writes = verb != "GET"
        data = None if body is None else json.dumps(body).encode()
        # A redirect is not followed: it would carry the token to another host.
        call = self._context.http.request(
            verb, self._url + path, params=list(query), data=data, headers=headers, allow_redirects=False
        )
        try:
            async with asyncio.timeout(self._timeout_seconds), call as response:
                content = await body_of(response, _LONGEST_ANSWER)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Transient(
                f"Audience Manager cannot be reached ({type(error).__name__})",
                place=self.place,
                remedy="Check `url` of the connection and the network in between.",
                sent=writes and not isinstance(error, NOT_CONNECTED),
            ) from error
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(
                response.status,
                response.headers,
                _json(content),
                place=self.place,
                wrote=writes,
                account=f"credentials.{self._credentials}",
            )
        return self._answer(content, response.headers.get("ETag", ""))

    def _answer(self, content: bytes | None, etag: str) -> Answer:
        answer = _json(content)
        if content != b"" and answer is None:
            raise Permanent(
                f"found an answer that is no JSON, or longer than {_LONGEST_ANSWER} bytes",
                place=self.place,
                remedy="Check `url` of the connection.",
            )
        return Answer(answer, etag)


def _json(content: bytes | None) -> Any:  # noqa: ANN401  # JSON is whatever it is
    if not content:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
