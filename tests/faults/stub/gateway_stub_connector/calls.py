"""Calls to the stub, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from audience_gateway.sdk import Permanent, RateLimited, Transient

_OK, _UNPROCESSABLE, _TOO_MANY, _FAILED = 200, 422, 429, 500


class Stub:
    """The stub at an address."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Calls it with a body. Raises RateLimited, Transient, Permanent."""
        return await self._call("POST", path, json=body)

    async def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Asks it. Raises RateLimited, Transient, Permanent."""
        return await self._call("GET", path, params=parameters)

    async def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            async with self._http.request(method, self._url + path, **arguments) as answer:
                content = await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Transient("the stub cannot be reached", place=self._url, sent=False) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Transient(f"the stub did not answer ({type(error).__name__})", place=self._url) from error
        return self._account(answer.status, answer.headers.get("Retry-After"), content)

    def _account(self, status: int, retry_after: str | None, content: bytes) -> dict[str, Any]:
        if status == _TOO_MANY:
            seconds = float(retry_after) if retry_after is not None else None
            raise RateLimited("the stub asks to slow down", place=self._url, retry_after=seconds)
        if status >= _FAILED:
            raise Transient(f"the stub failed with HTTP {status}", place=self._url)
        if status not in {_OK, _UNPROCESSABLE}:
            raise Permanent(f"the stub refused with HTTP {status}", place=self._url)
        try:
            account = json.loads(content)
        except ValueError:
            account = None
        if not isinstance(account, dict):
            raise Permanent("the stub's answer cannot be read", place=self._url, sent=True)
        return account
