"""Makes the connector `rtcdp` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ConnectorRegistry, ConnectorSpec, hookimpl

from audience_gateway_rtcdp.connector import RtcdpConnector
from audience_gateway_rtcdp.settings import RtcdpSettings


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Add the one connector of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="rtcdp",
            summary="Adobe Real-Time CDP: audiences of Experience Platform, external audiences and activations",
            connector=RtcdpConnector,
            settings=RtcdpSettings,
            create=RtcdpConnector,
        )
    )
