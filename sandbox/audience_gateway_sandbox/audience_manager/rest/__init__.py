"""Audience Manager's REST API (audience-manager 1, sandbox 4.1)."""

from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.routes import rest_routes

__all__ = ["Api", "rest_routes"]
