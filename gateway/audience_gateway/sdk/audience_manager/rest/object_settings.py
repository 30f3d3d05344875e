"""Where objects are created, how many there may be, and which metrics are sizes."""

from __future__ import annotations

from pydantic import Field

from audience_gateway.sdk.settings import Settings


class OnboardingSettings(Settings):
    """Where an audience's onboarded trait and its segment are created."""

    data_source_id: int = Field(ge=1, description="Data source of both; in it, audiences go by integration codes.")
    trait_folder_id: int = Field(0, ge=0, description="Folder of traits; 0 for the root.")
    segment_folder_id: int = Field(0, ge=0, description="Folder of segments; 0 for the root.")
    merge_rule_data_source_id: int = Field(
        0, ge=0, description="Profile merge rule of segments; 0 for the default one."
    )
    destination_id: int = Field(0, ge=0, description="Destination that new segments are mapped to; 0 for none.")
    trait_ttl_days: int = Field(120, ge=0, description="Days that a member keeps the trait; 0 for ever.")


class PopulationSettings(Settings):
    """Names of metrics; `30Day` in them may also be `1Day`, `7Day`, `14Day`, `60Day` and more."""

    trait: str = Field("uniques30Day", description="Metric that is the size of a trait.")
    segment: str = Field("totalUniques30Day", description="Metric that is the size of a segment; it lags a day behind.")
    segment_real_time: str = Field("instantUniques30Day", description="Metric of members seen in real time.")


class LimitSettings(Settings):
    """How many objects an organisation may have (audience-manager 8)."""

    traits: int = Field(100_000, ge=0, description="Traits.")
    segments: int = Field(20_000, ge=0, description="Segments.")
