"""The token service (ims.md): OAuth server-to-server tokens, their validation and invalidation."""

from audience_gateway_sandbox.ims.client_secrets import secret_routes
from audience_gateway_sandbox.ims.clients import Client
from audience_gateway_sandbox.ims.gateway import Gateway, user_of
from audience_gateway_sandbox.ims.legacy_oauth import legacy_routes
from audience_gateway_sandbox.ims.routes import routes
from audience_gateway_sandbox.ims.throttle import Throttle
from audience_gateway_sandbox.ims.tokens import Tokens

__all__ = ["Client", "Gateway", "Throttle", "Tokens", "legacy_routes", "routes", "secret_routes", "user_of"]
