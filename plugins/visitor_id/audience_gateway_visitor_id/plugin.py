"""Makes the id type `visitor_id` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ReconcilerRegistry, hookimpl

from audience_gateway_visitor_id.strategy import VisitorId


@hookimpl
def register_reconcilers(registry: ReconcilerRegistry) -> None:
    """Add the one strategy of this plugin."""
    registry.add_reconciler(VisitorId())
