"""Makes the connector `campaign` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import ConnectorRegistry, ConnectorSpec, hookimpl

from audience_gateway_campaign.connector import CampaignConnector
from audience_gateway_campaign.settings import CampaignSettings


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Add the one connector of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="campaign",
            summary="Adobe Campaign Classic v7 and v8: lists of recipients, over SOAP",
            connector=CampaignConnector,
            settings=CampaignSettings,
            create=CampaignConnector,
        )
    )
