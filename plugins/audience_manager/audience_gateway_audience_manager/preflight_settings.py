"""What `check` looks for beyond access (audience-manager 10)."""

from __future__ import annotations

from audience_gateway.sdk import Settings
from pydantic import Field


class PreflightSettings(Settings):
    """What is looked at, and from when on it is worth a word."""

    destinations: tuple[int, ...] = Field(
        (), description="Destinations that are looked at; none for those that come first in the list."
    )
    most_destinations: int = Field(20, ge=0, description="How many of the list are looked at.")
    campaign_integration_code: str = Field(
        "AdobeCampaignID",
        description="Integration code of the data source of Campaign's Declared IDs; empty if Campaign is not used.",
    )
    outbound_age_hours: float = Field(
        48, gt=0, description="Age of a destination's last file that is too old: it may be late by a day."
    )
    most_data_sources: int = Field(20, ge=0, description="How many data sources' inbound files are looked at.")
    history_days: float = Field(8, gt=0, description="How far back files are looked for; Adobe keeps them as long.")
