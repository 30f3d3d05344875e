"""The hooks that a plugin may implement, all of them synchronous and none on the way of a row.

A plugin is a module that an entry point of the group `audience_gateway.plugins` names; it implements hooks as functions
marked with `audience_gateway.sdk.hookimpl`.
"""

from __future__ import annotations

import pluggy

from audience_gateway.sdk import ConnectorRegistry, CredentialRegistry, Event, ReconcilerRegistry

PROJECT = "audience_gateway"

hookspec = pluggy.HookspecMarker(PROJECT)


@hookspec
def register_connectors(registry: ConnectorRegistry) -> None:
    """Adds kinds of system to the registry; called once, at start-up."""


@hookspec
def register_reconcilers(registry: ReconcilerRegistry) -> None:
    """Adds reconciliation strategies to the registry; called once, at start-up."""


@hookspec
def register_credentials(registry: CredentialRegistry) -> None:
    """Adds kinds of credentials to the registry; called once, at start-up."""


@hookspec
def observe(event: Event) -> None:
    """Learns what happened to the gateway; an error that it raises is logged and changes nothing."""
