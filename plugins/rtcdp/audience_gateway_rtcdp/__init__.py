"""Adobe Real-Time CDP connector for audience-gateway."""

from audience_gateway_rtcdp.connector import RtcdpConnector
from audience_gateway_rtcdp.settings import RtcdpSettings

__all__ = ["RtcdpConnector", "RtcdpSettings"]
