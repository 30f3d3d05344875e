"""The configured connections, data sources and strategies: what the core works with."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self, TypeVar

import aiohttp

from audience_gateway.plugins.configuration import HttpConfiguration
from audience_gateway.plugins.context import PluginContext
from audience_gateway.plugins.nothing_pushed import NothingPushed
from audience_gateway.plugins.registry import Registry
from audience_gateway.plugins.resolution import Instance, Resolved
from audience_gateway.sdk import (
    Bucket,
    ConfigError,
    Connector,
    ConnectorSpec,
    CredentialProvider,
    DataSource,
    PushedMembers,
    PushReceiver,
    Reconciler,
)
from audience_gateway.storage import BucketCredentials

T = TypeVar("T")
_DEFAULT_HTTP = HttpConfiguration()


class NotConfigured(ConfigError):
    """There is nothing of that name in the settings."""


class Connections:
    """Opens connections and knows data sources; use it as an asynchronous context manager.

    Args:
        registry: what plugins have registered.
        resolved: what is configured.
        bucket: opens the bucket at an address, with credentials or those of the environment.
        http: how long the HTTP session waits for systems.
        pushed: what was pushed to the connection of a name.
    """

    def __init__(
        self,
        registry: Registry,
        resolved: Resolved,
        bucket: Callable[[str, BucketCredentials | None], Bucket],
        http: HttpConfiguration = _DEFAULT_HTTP,
        pushed: Callable[[str], PushedMembers] | None = None,
    ) -> None:
        self._registry = registry
        self._resolved = resolved
        self._bucket = bucket
        self._waits = http
        self._pushed = pushed or (lambda _: NothingPushed())
        self._providers: dict[str, CredentialProvider] = {}
        self._resources = AsyncExitStack()
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = await self._resources.enter_async_context(_session(self._waits))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._providers.clear()
        await self._resources.aclose()

    def names(self) -> list[str]:
        """Names of the connections, ordered."""
        return sorted(self._resolved.connections)

    def connector_name(self, name: str) -> str:
        """Name of the connection's connector; raises NotConfigured if there is no such connection."""
        return self._instance(name).kind

    def spec(self, name: str) -> ConnectorSpec:
        """The connection's connector; raises ConfigError if there is no such connection, or its plugin is not there."""
        spec = self._instance(name).spec
        if isinstance(spec, ConfigError):
            raise spec
        return spec

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[Connector]:
        """The connection, open until the block ends.

        Raises NotConfigured if there is none of that name, and what the connector raises.
        """
        connector: Connector = self.spec(name).create(self._instance(name).settings, self._context(name))
        try:
            await connector.open()
            yield connector
        finally:
            await connector.close()

    def settings_digest(self, name: str) -> str:
        """Stands for the settings of a connection; raises NotConfigured if there is none of that name.

        Secrets count by their references: another password opens the same system.
        """
        instance = self._instance(name)
        return hashlib.sha256(f"{instance.kind} {instance.settings!r}".encode()).hexdigest()

    def push_receivers(self) -> Mapping[str, PushReceiver]:
        """The connections that take pushes, by name; not opened, since reading a push asks nobody."""
        made = {
            name: instance.spec.create(instance.settings, self._context(name))
            for name, instance in self._resolved.connections.items()
            if not isinstance(instance.spec, ConfigError) and issubclass(instance.spec.connector, PushReceiver)
        }
        return {
            name: each
            for name, each in sorted(made.items())
            if isinstance(each, PushReceiver) and each.push_access() is not None
        }

    def data_sources(self) -> list[DataSource]:
        """The data sources, ordered by name."""
        return [source for _, source in sorted(self._resolved.data_sources.items())]

    def data_source(self, name: str) -> DataSource:
        """The data source; raises NotConfigured if there is none of that name."""
        return _configured(self._resolved.data_sources, name, "data_sources")

    def reconciler(self, id_type: str) -> Reconciler:
        """The strategy of an id type; raises ConfigError if there is none."""
        registered = self._registry.reconcilers.get(id_type)
        if registered is None:
            raise ConfigError(
                f"there is no strategy for the id type `{id_type}`",
                place=f"idTypes/{id_type}",
                remedy="Install the plugin that provides it; `connectors list` shows plugins that failed to load.",
            )
        return registered.value

    def _instance(self, name: str) -> Instance[ConnectorSpec]:
        return _configured(self._resolved.connections, name, "connections")

    def _context(self, name: str) -> PluginContext:
        if self._http is None:
            raise RuntimeError("the connections are not entered")
        return PluginContext(name, self._http, self._credentials, self._bucket_opened, self._pushed(name))

    def _bucket_opened(self, url: str, credentials: str) -> Bucket:
        if not credentials:
            return self._bucket(url, None)
        instance = _configured(self._resolved.credentials, credentials, "credentials")
        if isinstance(instance.spec, ConfigError):
            raise instance.spec
        if not isinstance(instance.settings, BucketCredentials):
            raise ConfigError(
                f"credentials of the provider `{instance.kind}` open no buckets",
                place=f"credentials.{credentials}.provider",
                remedy="Name credentials of the provider `aws_keys`, `azure_key` or `sftp`.",
            )
        return self._bucket(url, instance.settings)

    def _credentials(self, name: str) -> CredentialProvider:
        if name not in self._providers:
            instance = _configured(self._resolved.credentials, name, "credentials")
            if isinstance(instance.spec, ConfigError):
                raise instance.spec
            provider = instance.spec.create(instance.settings, self._context(name))
            self._resources.push_async_callback(provider.close)
            self._providers[name] = provider
        return self._providers[name]


def _session(http: HttpConfiguration) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        # Calls are limited by connection: in one pool for all, those to a dead system would keep the others out.
        connector=aiohttp.TCPConnector(limit=0),
        # A cookie of one answer would go along with later calls about other people, of any connection to the host.
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=http.call_seconds, sock_connect=http.connect_seconds, sock_read=http.read_seconds
        ),
    )


def _configured(configured: Mapping[str, T], name: str, table: str) -> T:
    try:
        return configured[name]
    except KeyError:
        raise NotConfigured(
            f"there is no `{name}`, configured are: {', '.join(sorted(configured)) or 'none'}",
            place=f"{table}.{name}",
            remedy=f"Add `[{table}.{name}]` to the settings file.",
        ) from None
