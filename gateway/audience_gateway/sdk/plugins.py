"""How a plugin makes itself known: specifications that it adds to the gateway's registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import pluggy

from audience_gateway.sdk.connectors import Connector
from audience_gateway.sdk.context import Context
from audience_gateway.sdk.credentials import CredentialProvider
from audience_gateway.sdk.identities import Reconciler
from audience_gateway.sdk.settings import Settings

CONTRACT_VERSION = 1
"""Version of everything in `audience_gateway.sdk`; a plugin made for another one is not loaded."""

hookimpl = pluggy.HookimplMarker("audience_gateway")
"""Marks a function of a plugin as the implementation of a hook."""


class Stability(StrEnum):
    """How far the contract of a plugin can be relied on."""

    EXPERIMENTAL = "experimental"
    BETA = "beta"
    STABLE = "stable"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """A kind of system that the gateway can talk to.

    Attributes:
        name: what `connector = "..."` in the configuration says.
        summary: one line on what it connects to.
        connector: the connector class; its capabilities are what it implements.
        settings: model of a connection's settings.
        create: makes a connector from settings and context; does no I/O.
        stability: how far it can be relied on.
        contract_version: the `CONTRACT_VERSION` that the plugin was made for.
    """

    name: str
    summary: str
    connector: type[Any]
    settings: type[Settings]
    create: Callable[[Any, Context], Connector]
    stability: Stability = Stability.BETA
    contract_version: int = CONTRACT_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSpec:
    """A kind of credentials.

    Attributes:
        name: what `provider = "..."` in the configuration says.
        summary: one line on what it authenticates with.
        settings: model of its settings.
        create: makes a provider from settings and context; does no I/O.
        contract_version: the `CONTRACT_VERSION` that the plugin was made for.
    """

    name: str
    summary: str
    settings: type[Settings]
    create: Callable[[Any, Context], CredentialProvider]
    contract_version: int = CONTRACT_VERSION


class ConnectorRegistry(Protocol):
    """Where connectors are added."""

    def add_connector(self, spec: ConnectorSpec) -> None:
        """Adds one; raises ConfigError if the name is taken."""
        ...


class ReconcilerRegistry(Protocol):
    """Where reconciliation strategies are added."""

    def add_reconciler(self, reconciler: Reconciler, *, contract_version: int = CONTRACT_VERSION) -> None:
        """Adds one; raises ConfigError if the id type is taken."""
        ...


class CredentialRegistry(Protocol):
    """Where credential providers are added."""

    def add_credentials(self, spec: CredentialSpec) -> None:
        """Adds one; raises ConfigError if the name is taken."""
        ...
