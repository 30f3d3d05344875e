"""What the gateway hands to connectors and credential providers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import aiohttp

from audience_gateway.sdk import Bucket, CredentialProvider, PushedMembers


class PluginContext:
    """The gateway's side of one connection or credential provider: the implementation of `sdk.Context`."""

    __slots__ = ("_bucket", "_credentials", "_http", "_name", "_pushed")

    def __init__(
        self,
        name: str,
        http: aiohttp.ClientSession,
        credentials: Callable[[str], CredentialProvider],
        bucket: Callable[[str, str], Bucket],
        pushed: PushedMembers,
    ) -> None:
        self._name = name
        self._http = http
        self._credentials = credentials
        self._bucket = bucket
        self._pushed = pushed

    @property
    def name(self) -> str:
        """Name of the connection or of the credentials."""
        return self._name

    @property
    def http(self) -> aiohttp.ClientSession:
        """HTTP session of the gateway."""
        return self._http

    def credentials(self, name: str) -> CredentialProvider:
        """The configured credentials of that name; raises ConfigError if there are none."""
        return self._credentials(name)

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        """The bucket at an address, opened by credentials of that name; raises ConfigError where that cannot be."""
        return self._bucket(url, credentials)

    @property
    def pushed(self) -> PushedMembers:
        """What was pushed to the connection."""
        return self._pushed

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)
