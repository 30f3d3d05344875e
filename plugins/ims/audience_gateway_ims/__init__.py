"""Adobe IMS access tokens for audience-gateway: OAuth server-to-server credentials."""

from audience_gateway_ims.provider import ImsTokens
from audience_gateway_ims.settings import ImsSettings

__all__ = ["ImsSettings", "ImsTokens"]
