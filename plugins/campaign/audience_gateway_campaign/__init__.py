"""Adobe Campaign connector for audience-gateway: lists, recipients and tracking logs over SOAP."""

from audience_gateway_campaign.connector import CampaignConnector
from audience_gateway_campaign.settings import CampaignSettings

__all__ = ["CampaignConnector", "CampaignSettings"]
