"""By which way audiences go to Campaign: never by both (rtcdp 9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from audience_gateway.sdk import Settings
from pydantic import Field

Route = Literal["files", "audience_manager"]


class RouteSettings(Settings):
    """Which shares go to Campaign, and by which of the two ways each audience does."""

    campaign_connections: frozenset[str] = Field(
        frozenset({"campaign"}), description="Connections of the gateway that lead to Campaign."
    )
    default: Route = Field(
        "files",
        description="Way of audiences that are not listed: files by Declared ID, or Audience Manager by Visitor ID.",
    )
    audiences: Mapping[str, Route] = Field(default_factory=dict, description="Way of each audience, by its id.")
    visitor_id_types: frozenset[str] = Field(
        frozenset({"visitor_id"}), description="Id types of devices, which go by Audience Manager only."
    )
    audience_manager_destination: str = Field(
        "Experience Cloud Audiences", description="What the platform calls the destination that is Audience Manager."
    )
