"""Makes the id type `device_id` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ReconcilerRegistry, hookimpl

from audience_gateway_device_id.strategy import DeviceId


@hookimpl
def register_reconcilers(registry: ReconcilerRegistry) -> None:
    """Add the one strategy of this plugin."""
    registry.add_reconciler(DeviceId())
