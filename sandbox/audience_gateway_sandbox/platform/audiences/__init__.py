"""Audiences, and segment definitions, which are audiences with a rule."""

from audience_gateway_sandbox.platform.audiences.audience import (
    EXTERNAL,
    RULED,
    audiences,
    references_of,
    rule_of,
    shown,
)
from audience_gateway_sandbox.platform.audiences.definitions import definition_service
from audience_gateway_sandbox.platform.audiences.keeping import found
from audience_gateway_sandbox.platform.audiences.service import audience_service, bulk_get

__all__ = [
    "EXTERNAL",
    "RULED",
    "audience_service",
    "audiences",
    "bulk_get",
    "definition_service",
    "found",
    "references_of",
    "rule_of",
    "shown",
]
