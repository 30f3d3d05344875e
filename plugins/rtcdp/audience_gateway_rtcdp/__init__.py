"""Adobe Real-Time CDP connector for audience-gateway."""

from audience_gateway_rtcdp.connector import RtcdpConnector
from audience_gateway_rtcdp.external_connector import ExternalConnector
from audience_gateway_rtcdp.settings import RtcdpSettings
from audience_gateway_rtcdp.streaming_connector import StreamingConnector

__all__ = ["ExternalConnector", "RtcdpConnector", "RtcdpSettings", "StreamingConnector"]
