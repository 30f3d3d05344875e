"""What is assumed about objects."""

from __future__ import annotations

from audience_gateway.sdk import Settings
from pydantic import Field


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
