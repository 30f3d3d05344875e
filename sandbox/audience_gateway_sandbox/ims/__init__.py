"""The token service (ims.md): OAuth server-to-server tokens, their validation and invalidation."""

from audience_gateway_sandbox.ims.clients import Client
from audience_gateway_sandbox.ims.routes import routes
from audience_gateway_sandbox.ims.tokens import Tokens

__all__ = ["Client", "Tokens", "routes"]
