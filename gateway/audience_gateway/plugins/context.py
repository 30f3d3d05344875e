"""The gateway's side of a connection: session, credentials, buckets and time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from audience_gateway.plugins.registry import Registry
from audience_gateway.plugins.validation import validated
from audience_gateway.sdk import Bucket, ConfigError, CredentialProvider
from audience_gateway.storage import open_bucket


@dataclass(frozen=True, slots=True)
class CredentialConfig:
    """Configured credentials: which provider, and its settings as they stand in the configuration."""

    provider: str
    settings: Mapping[str, Any]


class Services:
    """What all connections of a gateway share."""

    def __init__(self, registry: Registry, credentials: Mapping[str, CredentialConfig]) -> None:
        self._registry = registry
        self._configured = credentials
        self._providers: dict[str, CredentialProvider] = {}
        self._http: aiohttp.ClientSession | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        """The one HTTP session, made when it is first asked for."""
        if self._http is None:
            self._http = aiohttp.ClientSession(trust_env=True)
        return self._http

    def credentials(self, name: str) -> CredentialProvider:
        """The provider of the configured name, made when it is first asked for."""
        if name not in self._providers:
            place = f"credentials.{name}"
            config = self._configured.get(name)
            if config is None:
                known = ", ".join(sorted(self._configured)) or "none"
                raise ConfigError(
                    f"there are no such credentials, found: {known}", place=place, remedy="Configure them."
                )
            entry = self._registry.credentials.get(config.provider)
            if entry is None:
                known = ", ".join(sorted(self._registry.credentials)) or "none"
                raise ConfigError(f"found {config.provider}, allowed: {known}", place=f"{place}.provider")
            settings = validated(entry.value.settings, config.settings, f"{place}.settings")
            self._providers[name] = entry.value.create(settings, ConnectionContext(name, self))
        return self._providers[name]

    async def close(self) -> None:
        """Closes the providers and the session."""
        await asyncio.gather(*(provider.close() for provider in self._providers.values()))
        self._providers.clear()
        if self._http is not None:
            await self._http.close()
            self._http = None


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """`sdk.Context` of one connection or credential provider."""

    name: str
    services: Services

    @property
    def http(self) -> aiohttp.ClientSession:
        """HTTP session of the gateway."""
        return self.services.http

    def credentials(self, name: str) -> CredentialProvider:
        """The configured credentials of that name."""
        return self.services.credentials(name)

    def bucket(self, url: str) -> Bucket:
        """The bucket at an address."""
        return open_bucket(url)

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)
