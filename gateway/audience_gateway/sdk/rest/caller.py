"""Calls of a REST interface with IMS tokens: JSON in, JSON out, and typed errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from audience_gateway.sdk.context import Context
from audience_gateway.sdk.credentials import CredentialProvider
from audience_gateway.sdk.errors import Permanent, Transient
from audience_gateway.sdk.http_bodies import body_of
from audience_gateway.sdk.rest.interfaces import RestInterface
from audience_gateway.sdk.rest.refusals import TokenRefused, refusal

Query = Sequence[tuple[str, str]]

NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""Errors of calls of which nothing can have arrived."""

_READS = frozenset({"GET", "HEAD"})
_LONGEST_ANSWER = 64 << 20
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call that succeeded was answered.

    Attributes:
        content: the body as JSON; None for an empty one.
        status: HTTP status, 200 to 299.
        etag: version of the object; empty if not told.
    """

    content: Any
    status: int = HTTPStatus.OK
    etag: str = ""


class Caller:
    """Calls one interface; a token that is refused is renewed once.

    Args:
        interface: what is called.
        context: the gateway's side.
    """

    def __init__(self, interface: RestInterface, context: Context) -> None:
        self.interface = interface
        self._context = context
        self.place = interface.place

    @property
    def org_id(self) -> str:
        """The organisation of the credentials; empty if not configured."""
        return self._provider().org_id

    async def call(
        self,
        verb: str,
        path: str,
        *,
        query: Query = (),
        body: object = None,
        if_match: str = "",
        accept: str = "application/json",
    ) -> Answer:
        """Calls.

        Args:
            verb: GET, POST, PUT, PATCH or DELETE.
            path: below the address of the interface, beginning with a slash.
            query: parameters, in order and perhaps repeated.
            body: what is sent as JSON; None for nothing.
            if_match: version that the object must still have, as the header is to say it; empty if it does not matter.
            accept: media type of the answer, which is JSON in any case; some services tell their version by it.

        Raises AuthError, RateLimited, Transient, Permanent or ConfigError; see `refusals` for the kinds of them.
        """
        data = None if body is None else json.dumps(body).encode()
        kind = {} if data is None else {"Content-Type": "application/json"}
        match = {"If-Match": if_match} if if_match else {}
        sent = {"Accept": accept, **self.interface.headers, **kind, **match}
        if not self.interface.credentials:
            return await self._exchange(verb, path, query, data, sent)
        provider = self._provider()
        token = await provider.token()
        try:
            return await self._exchange(verb, path, query, data, sent | _access(provider, token))
        except TokenRefused:
            token = await provider.token(refused=token)
        return await self._exchange(verb, path, query, data, sent | _access(provider, token))

    async def download(self, path: str, *, query: Query = ()) -> AsyncGenerator[bytes, None]:
        """The bytes of a file, in pieces.

        Args:
            path: below the address of the interface, beginning with a slash.
            query: parameters, in order and perhaps repeated.

        Raises what `call` raises; Transient, too, if the bytes end too early.
        """
        provider = self._provider()
        token = await provider.token()
        try:
            async with aclosing(self._pieces(path, query, _access(provider, token))) as pieces:
                async for piece in pieces:
                    yield piece
        except TokenRefused:
            token = await provider.token(refused=token)
        else:
            return
        async with aclosing(self._pieces(path, query, _access(provider, token))) as pieces:
            async for piece in pieces:
                yield piece

    async def _pieces(self, path: str, query: Query, access: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        headers = {"Accept": "*/*", **self.interface.headers, **access}
        address = self.interface.url + path
        try:
            async with self._context.http.get(
                address, params=list(query), headers=headers, allow_redirects=False
            ) as response:
                if response.status >= HTTPStatus.MULTIPLE_CHOICES:
                    answer = _json(await body_of(response, _LONGEST_ANSWER))
                    raise refusal(self.interface, response.status, response.headers, answer, wrote=False)
                async for piece in response.content.iter_chunked(_PIECE_BYTES):
                    yield piece
        except (TimeoutError, aiohttp.ClientError) as error:
            raise self._away(error, sent=False) from error

    def _away(self, error: Exception, *, sent: bool) -> Transient:
        return Transient(
            f"{self.interface.system} cannot be reached ({type(error).__name__})",
            place=self.place,
            remedy="Check `url` of the connection and the network in between.",
            sent=sent,
        )

    def _provider(self) -> CredentialProvider:
        return self._context.credentials(self.interface.credentials)

    async def _exchange(
        self, verb: str, path: str, query: Query, data: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        writes = verb not in _READS
        # A redirect is not followed: it would carry the token to another host.
        call = self._context.http.request(
            verb, self.interface.url + path, params=list(query), data=data, headers=headers, allow_redirects=False
        )
        try:
            async with asyncio.timeout(self.interface.timeout_seconds), call as response:
                content = await body_of(response, _LONGEST_ANSWER)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise self._away(error, sent=writes and not isinstance(error, NOT_CONNECTED)) from error
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(self.interface, response.status, response.headers, _json(content), wrote=writes)
        return self._answer(content, response.status, response.headers.get("ETag", ""))

    def _answer(self, content: bytes | None, status: int, etag: str) -> Answer:
        answer = _json(content)
        if content != b"" and answer is None:
            raise Permanent(
                f"found an answer that is no JSON, or longer than {_LONGEST_ANSWER} bytes",
                place=self.place,
                remedy="Check `url` of the connection.",
            )
        return Answer(answer, status, etag)


def _access(provider: CredentialProvider, token: str) -> dict[str, str]:
    organisation = {"x-gw-ims-org-id": provider.org_id} if provider.org_id else {}
    return {"Authorization": f"Bearer {token}", "x-api-key": provider.client_id} | organisation


def _json(content: bytes | None) -> Any:  # noqa: ANN401  # JSON is whatever it is
    if not content:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
