"""What one plugin registers, kept apart until all of it has been accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from audience_gateway.plugins.registry import Origin, Registered
from audience_gateway.sdk import CONTRACT_VERSION, ConfigError, ConnectorSpec, CredentialSpec, Reconciler

Names: TypeAlias = dict[tuple[str, str], Origin]
"""Who has registered what, by kind and name."""


class Registration:
    """The registry that a plugin's hooks are called with.

    Args:
        origin: the plugin.
        taken: what plugins before it have registered.
    """

    def __init__(self, origin: Origin, taken: Mapping[tuple[str, str], Origin]) -> None:
        self.origin = origin
        self.names: Names = {}
        self.connectors: dict[str, Registered[ConnectorSpec]] = {}
        self.reconcilers: dict[str, Registered[Reconciler]] = {}
        self.credentials: dict[str, Registered[CredentialSpec]] = {}
        self._taken = taken

    def add_connector(self, spec: ConnectorSpec) -> None:
        """Adds one; raises ConfigError if the name is taken."""
        self._check("connector", spec.name, spec.contract_version)
        self.connectors[spec.name] = Registered(spec, self.origin)

    def add_reconciler(self, reconciler: Reconciler, *, contract_version: int = CONTRACT_VERSION) -> None:
        """Adds one; raises ConfigError if the id type is taken."""
        self._check("id type", reconciler.id_type, contract_version)
        self.reconcilers[reconciler.id_type] = Registered(reconciler, self.origin)

    def add_credentials(self, spec: CredentialSpec) -> None:
        """Adds one; raises ConfigError if the name is taken."""
        self._check("credential provider", spec.name, spec.contract_version)
        self.credentials[spec.name] = Registered(spec, self.origin)

    def _check(self, kind: str, name: str, contract_version: int) -> None:
        if contract_version != CONTRACT_VERSION:
            raise ConfigError(
                f"the {kind} `{name}` is made for contract version {contract_version}, "
                f"this gateway has version {CONTRACT_VERSION}",
                remedy=f"Install a version of {self.origin.distribution} that is made for {CONTRACT_VERSION}.",
            )
        owner = self._taken.get((kind, name)) or self.names.get((kind, name))
        if owner is not None:
            raise ConfigError(
                f"the {kind} `{name}` is already provided by {owner}, {self.origin} provides it too",
                remedy="Uninstall one of the two, or block one with `plugins.block`.",
            )
        self.names[kind, name] = self.origin
