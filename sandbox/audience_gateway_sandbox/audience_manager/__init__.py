"""Audience Manager: data sources, traits, segments, folders, destinations, and their rules (audience-manager)."""

from audience_gateway_sandbox.audience_manager.audience_manager import AudienceManager
from audience_gateway_sandbox.audience_manager.store import Store

__all__ = ["AudienceManager", "Store"]
