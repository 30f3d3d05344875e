"""What is known of the Audience Library: Audience Manager's objects, since it has no interface of its own."""

from __future__ import annotations

from audience_gateway.sdk.audience_manager.rest.rest_settings import RestSettings
from pydantic import Field


class LibrarySettings(RestSettings):
    """Audience Manager's REST interface: a shared audience is a segment of those who have an onboarded trait."""

    listed_data_sources: tuple[int, ...] = Field(
        (), description="Data sources whose segments are audiences; none for all that the account sees."
    )
    actual_days: float = Field(
        30, ge=0, description="Days after the creation of an audience from which on its size is no estimate any more."
    )
    new_trait_hours: float = Field(
        4, ge=0, description="Hours that a trait must have been there before a file with its members is left."
    )
    campaign_integration_code: str = Field(
        "AdobeCampaignID",
        description="Integration code of the data source of Campaign's Declared IDs; empty if Campaign is not used.",
    )
