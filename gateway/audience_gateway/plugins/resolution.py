"""Brings the settings file and the registered plugins together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from audience_gateway.plugins.configuration import (
    ConnectionConfiguration,
    CredentialConfiguration,
    DataSourceConfiguration,
)
from audience_gateway.plugins.registry import Registered, Registry
from audience_gateway.plugins.validation import InvalidSettings, validate
from audience_gateway.sdk import (
    ConfigError,
    ConnectorSpec,
    CredentialSpec,
    DataSource,
    Settings,
)

Spec = TypeVar("Spec", ConnectorSpec, CredentialSpec)


@dataclass(frozen=True, slots=True)
class Instance(Generic[Spec]):
    """A specification with the settings of one instance of it.

    Attributes:
        kind: what the settings file calls the specification.
        spec: the specification; a ConfigError if a plugin that failed to load may be the one that has it.
        settings: the checked settings; None without a specification.
    """

    kind: str
    spec: Spec | ConfigError
    settings: Settings | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is configured, each under its name."""

    connections: Mapping[str, Instance[ConnectorSpec]]
    credentials: Mapping[str, Instance[CredentialSpec]]
    data_sources: Mapping[str, DataSource]


def resolve(
    registry: Registry,
    connections: Mapping[str, ConnectionConfiguration],
    credentials: Mapping[str, CredentialConfiguration],
    data_sources: Mapping[str, DataSourceConfiguration],
) -> Resolved:
    """Checks all that is configured against the plugins. Raises InvalidSettings that names every fault."""
    resolver = _Resolver(registry)
    resolved = Resolved(
        {
            name: resolver.instance(f"connections.{name}.connector", one.connector, one.settings, registry.connectors)
            for name, one in connections.items()
        },
        {
            name: resolver.instance(f"credentials.{name}.provider", one.provider, one.settings, registry.credentials)
            for name, one in credentials.items()
        },
        {name: resolver.data_source(name, one) for name, one in data_sources.items()},
    )
    if resolver.faults:
        problems = [each for fault in resolver.faults for each in _problems(fault)]
        raise InvalidSettings(problems, remedy=resolver.faults[0].remedy if len(problems) == 1 else "")
    return resolved


class _Resolver:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.faults: list[ConfigError] = []

    def instance(
        self, place: str, kind: str, settings: Mapping[str, object], registered: Mapping[str, Registered[Spec]]
    ) -> Instance[Spec]:
        found = registered.get(kind)
        if found is None:
            return Instance(kind, self._unknown(place, kind, registered))
        path, _, _ = place.rpartition(".")
        try:
            return Instance(kind, found.value, validate(found.value.settings, settings, f"{path}.settings"))
        except InvalidSettings as invalid:
            self.faults.append(invalid)
            return Instance(kind, invalid)

    def data_source(self, name: str, configured: DataSourceConfiguration) -> DataSource:
        source = configured.named(name)
        strategy = self._registry.reconcilers.get(source.id_type)
        if strategy is None:
            self._unknown(f"data_sources.{name}.id_type", source.id_type, self._registry.reconcilers)
            return source
        try:
            strategy.value.check(source)
        except ConfigError as error:
            self.faults.append(error)
        return source

    def _unknown(self, place: str, kind: str, known: Mapping[str, object]) -> ConfigError:
        failed = ", ".join(f"{failure.origin.plugin} ({failure.message})" for failure in self._registry.failures)
        error = ConfigError(
            f"found {kind!r}, allowed: {', '.join(sorted(known)) or 'none, because no plugin has registered one'}",
            place=place,
            remedy=f"These plugins failed to load: {failed}." if failed else "Install the plugin that provides it.",
        )
        # A plugin that failed to load may be the one that has it: then only what needs it fails, and not the gateway.
        if not failed:
            self.faults.append(error)
        return error


def _problems(fault: ConfigError) -> tuple[str, ...]:
    if isinstance(fault, InvalidSettings):
        return fault.problems
    return (f"{fault.place}: {fault.message}" if fault.place else fault.message,)
