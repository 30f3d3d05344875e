"""Makes the id type `declared_id` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ReconcilerRegistry, hookimpl

from audience_gateway_declared_id.strategy import DeclaredId


@hookimpl
def register_reconcilers(registry: ReconcilerRegistry) -> None:
    """Add the one strategy of this plugin."""
    registry.add_reconciler(DeclaredId())
