"""Makes the connector `audience_manager` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ConnectorRegistry, ConnectorSpec, hookimpl

from audience_gateway_audience_manager.connector import AudienceManagerConnector
from audience_gateway_audience_manager.settings import AudienceManagerSettings


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Add the one connector of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="audience_manager",
            summary="Adobe Audience Manager: segments and onboarded traits, over REST, files and data collection",
            connector=AudienceManagerConnector,
            settings=AudienceManagerSettings,
            create=AudienceManagerConnector,
        )
    )
