"""Makes the connector `campaign` known to the gateway."""

from __future__ import annotations

from audience_gateway.sdk import Connector, ConnectorRegistry, ConnectorSpec, Context, hookimpl

from audience_gateway_campaign.bucket_connector import BucketCampaign
from audience_gateway_campaign.connector import CampaignConnector
from audience_gateway_campaign.file_workflow import MODES
from audience_gateway_campaign.settings import CampaignSettings


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Add the one connector of this plugin."""
    registry.add_connector(
        ConnectorSpec(
            name="campaign",
            summary="Adobe Campaign Classic v7 and v8: lists of recipients, over SOAP, shared buckets or a workflow",
            connector=CampaignConnector,
            settings=CampaignSettings,
            create=connector_of,
        )
    )


def connector_of(settings: CampaignSettings, context: Context) -> Connector:
    """Make the connector of the transport that the settings choose."""
    if settings.bucket is not None:
        return BucketCampaign(settings, settings.bucket, context)
    if settings.file_workflow is not None:
        return MODES[settings.file_workflow.mode](settings, settings.file_workflow, context)
    return CampaignConnector(settings, context)
