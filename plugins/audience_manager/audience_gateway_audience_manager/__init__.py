"""Adobe Audience Manager connector for audience-gateway."""

from audience_gateway_audience_manager.connector import AudienceManagerConnector
from audience_gateway_audience_manager.settings import AudienceManagerSettings

__all__ = ["AudienceManagerConnector", "AudienceManagerSettings"]
