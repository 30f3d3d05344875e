"""REST interfaces behind Adobe's API gateway: JSON in, JSON out, IMS tokens, and typed errors (ims 7, 8)."""

from audience_gateway.sdk.rest.addresses import HttpUrl
from audience_gateway.sdk.rest.caller import NOT_CONNECTED, Answer, Caller, Query
from audience_gateway.sdk.rest.interfaces import RestInterface
from audience_gateway.sdk.rest.refusals import (
    Conflict,
    KeyRefused,
    NotFound,
    Refused,
    RightsMissing,
    TokenRefused,
    VersionIsStale,
    refusal,
)

__all__ = [
    "NOT_CONNECTED",
    "Answer",
    "Caller",
    "Conflict",
    "HttpUrl",
    "KeyRefused",
    "NotFound",
    "Query",
    "Refused",
    "RestInterface",
    "RightsMissing",
    "TokenRefused",
    "VersionIsStale",
    "refusal",
]
