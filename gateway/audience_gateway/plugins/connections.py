"""The configured connections and data sources."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from audience_gateway.plugins.context import ConnectionContext, Services
from audience_gateway.plugins.registry import Registry
from audience_gateway.plugins.validation import validated
from audience_gateway.sdk import ConfigError, Connector, ConnectorSpec, DataSource, Reconciler


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """A configured connection: which connector, and its settings as they stand in the configuration."""

    connector: str
    settings: Mapping[str, Any]


class Connections:
    """Opens connections and knows the data sources.

    Args:
        registry: what the plugins have made known.
        connections: the configured connections by name.
        data_sources: the configured data sources by name.
        services: what all connections share.
    """

    def __init__(
        self,
        registry: Registry,
        connections: Mapping[str, ConnectionConfig],
        data_sources: Mapping[str, DataSource],
        services: Services,
    ) -> None:
        self._registry = registry
        self._connections = connections
        self._data_sources = data_sources
        self._services = services

    def check(self) -> None:
        """Raises ConfigError for the first connection or data source whose configuration is wrong."""
        for name in self.names():
            spec = self.spec(name)
            validated(spec.settings, self._connections[name].settings, f"connections.{name}.settings")
        for source in self._data_sources.values():
            if source.id_type in self._registry.reconcilers:
                self._registry.reconcilers[source.id_type].value.check(source)
            elif not self._registry.failures:
                self.reconciler(source.id_type)

    def names(self) -> list[str]:
        """Names of the connections, in order."""
        return sorted(self._connections)

    def connector_name(self, name: str) -> str:
        """Name of the connector of a connection."""
        return self._config(name).connector

    def spec(self, name: str) -> ConnectorSpec:
        """The connector of a connection. Raises ConfigError if there is none."""
        connector = self.connector_name(name)
        entry = self._registry.connectors.get(connector)
        if entry is None:
            failed = [failure for failure in self._registry.failures if failure.plugin == connector]
            known = ", ".join(sorted(self._registry.connectors)) or "none"
            raise ConfigError(
                failed[0].message if failed else f"found {connector}, allowed: {known}",
                place=f"connections.{name}.connector",
                remedy=failed[0].remedy if failed else "Install the plugin, or correct the name.",
            )
        return entry.value

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[Connector]:
        """The connection, open until the block ends."""
        spec = self.spec(name)
        settings = validated(spec.settings, self._config(name).settings, f"connections.{name}.settings")
        connector = spec.create(settings, ConnectionContext(name, self._services))
        try:
            await connector.open()
            yield connector
        finally:
            await connector.close()

    def data_source(self, name: str) -> DataSource:
        """A data source. Raises ConfigError if there is none of that name."""
        if name not in self._data_sources:
            known = ", ".join(sorted(self._data_sources)) or "none"
            raise ConfigError(
                f"there is no such data source, found: {known}", place=f"data_sources.{name}", remedy="Configure it."
            )
        return self._data_sources[name]

    def data_sources(self) -> list[DataSource]:
        """All data sources, by name."""
        return [self._data_sources[name] for name in sorted(self._data_sources)]

    def reconciler(self, id_type: str) -> Reconciler:
        """The reconciliation strategy of an id type. Raises ConfigError if there is none."""
        entry = self._registry.reconcilers.get(id_type)
        if entry is None:
            known = ", ".join(sorted(self._registry.reconcilers)) or "none"
            raise ConfigError(
                f"there is no strategy for the id type {id_type}, found: {known}",
                place="data_sources",
                remedy="Install the plugin that provides it.",
            )
        return entry.value

    def _config(self, name: str) -> ConnectionConfig:
        if name not in self._connections:
            known = ", ".join(self.names()) or "none"
            raise ConfigError(
                f"there is no such connection, found: {known}", place=f"connections.{name}", remedy="Configure it."
            )
        return self._connections[name]
