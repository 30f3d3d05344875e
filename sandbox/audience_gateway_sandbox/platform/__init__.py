"""The Experience Platform and its Real-Time CDP (rtcdp, sandbox 5)."""

from audience_gateway_sandbox.platform.platform import PLATFORM_FILES, Platform
from audience_gateway_sandbox.platform.services import platform_routes

__all__ = ["PLATFORM_FILES", "Platform", "platform_routes"]
