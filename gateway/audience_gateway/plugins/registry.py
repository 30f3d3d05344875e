"""What the loaded plugins have registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

import pluggy

from audience_gateway import incidents
from audience_gateway.sdk import ConnectorSpec, CredentialSpec, Event, Reconciler

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a registered thing comes from.

    Attributes:
        plugin: name of the entry point.
        distribution: name of the distribution.
        version: version of the distribution.
    """

    plugin: str
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


@dataclass(frozen=True, slots=True)
class Registered(Generic[T_co]):
    """A registered thing with its origin."""

    value: T_co
    origin: Origin


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """Why a plugin is not there, and what to do about it; the rest of the gateway serves on."""

    origin: Origin
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything that plugins have registered; does not change after loading.

    Attributes:
        connectors: kinds of system, by name.
        reconcilers: reconciliation strategies, by id type.
        credentials: kinds of credentials, by name.
        failures: plugins that could not be loaded.
        hooks: the loaded plugins, each with a manager of its own, so that an error in one stays there.
    """

    connectors: Mapping[str, Registered[ConnectorSpec]] = field(default_factory=lambda: MappingProxyType({}))
    reconcilers: Mapping[str, Registered[Reconciler]] = field(default_factory=lambda: MappingProxyType({}))
    credentials: Mapping[str, Registered[CredentialSpec]] = field(default_factory=lambda: MappingProxyType({}))
    failures: tuple[LoadFailure, ...] = ()
    hooks: tuple[pluggy.PluginManager, ...] = ()

    def notify(self, event: Event) -> None:
        """Tells every observer; an error in one is logged as an incident and hides nothing from the others."""
        for manager in self.hooks:
            try:
                manager.hook.observe(event=event)
            except Exception as error:  # noqa: BLE001  # an observer may raise anything and must not stop the host
                incidents.report(error)
