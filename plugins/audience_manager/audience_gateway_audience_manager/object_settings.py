"""Where objects are created, how many there may be, and what is assumed about them."""

from __future__ import annotations

from audience_gateway.sdk import Settings
from pydantic import Field


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


class FieldSettings(Settings):
    """What Adobe's documents leave open about objects.

    A profile merge rule is a data source there, and what it says is not documented: without these fields it is not
    known.
    """

    destination_labels: str = Field(
        "dataExportLabels", description="Field of a destination with its data export labels."
    )
    merge_rule_option: str = Field(
        "authenticatedOption", description="Field of a merge rule with its choice of authenticated profiles."
    )
    merge_rule_sources: str = Field(
        "authenticatedDataSourceIds", description="Field of a merge rule with the data sources that it includes."
    )
    last_authenticated: tuple[str, ...] = Field(
        ("LAST_AUTHENTICATED", "ALL_CROSS_DEVICE"),
        description="Choices, in capitals, by which people are exported who are not logged in.",
    )
    last_authenticated_rules: tuple[int, ...] = Field(
        (), description="Merge rules that are known to have such a choice, by data source id."
    )
    declared_id_types: tuple[str, ...] = Field(
        ("CROSS_DEVICE",), description="Id types, in capitals, of data sources of Declared IDs."
    )
