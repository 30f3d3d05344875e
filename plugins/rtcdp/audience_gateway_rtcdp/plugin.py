"""Makes the connector `rtcdp` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import Connector, ConnectorRegistry, ConnectorSpec, Context, hookimpl

from audience_gateway_rtcdp.external_connector import ExternalConnector
from audience_gateway_rtcdp.settings import RtcdpSettings
from audience_gateway_rtcdp.streaming_connector import StreamingConnector


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Add the one connector of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="rtcdp",
            summary="Adobe Real-Time CDP: audiences of Experience Platform, external audiences and activations",
            connector=ExternalConnector,
            settings=RtcdpSettings,
            create=connector_of,
        )
    )


def connector_of(settings: RtcdpSettings, context: Context) -> Connector:
    """Make the connector of the way of writing that the settings choose."""
    if settings.streaming is not None:
        return StreamingConnector(settings, settings.streaming, context)
    return ExternalConnector(settings, context)
