"""Audience Manager's REST interface, `/v1` (audience-manager 1)."""

from audience_gateway.sdk.audience_manager.rest.caller import caller_of
from audience_gateway.sdk.audience_manager.rest.client import AudienceManagerRest
from audience_gateway.sdk.audience_manager.rest.objects import (
    DataSourceObject,
    Destination,
    Folder,
    Mapping,
    Segment,
    Trait,
    TraitType,
)
from audience_gateway.sdk.rest import Caller, Conflict, KeyRefused, NotFound, RightsMissing, TokenRefused

__all__ = [
    "AudienceManagerRest",
    "Caller",
    "Conflict",
    "DataSourceObject",
    "Destination",
    "Folder",
    "KeyRefused",
    "Mapping",
    "NotFound",
    "RightsMissing",
    "Segment",
    "TokenRefused",
    "Trait",
    "TraitType",
    "caller_of",
]
