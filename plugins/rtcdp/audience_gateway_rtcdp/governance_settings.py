"""What must not leave, and whose consent counts (rtcdp 8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from audience_gateway.sdk import Settings
from pydantic import Field


class ConsentSettings(Settings):
    """Whose members have opted out, by columns of an exported file; what is absent there says nothing."""

    columns: tuple[str, ...] = Field(
        ("consents_marketing_any_val", "consents_marketing_email_val"),
        description="Columns with the values of consents; one that says no counts, whatever the others say.",
    )
    general_columns: tuple[str, ...] = Field(
        ("privacyOptOuts_optOutValue",), description="Columns of the older opt-out, of whom `out` has opted out."
    )
    time_column: str = Field(
        "consents_metadata_time",
        description="Column of when consents were given, by which a later one counts where profiles are pushed.",
    )
    pending: Literal["share", "hold"] = Field(
        "share", description="Whether who has not decided yet (`p`, `u`) is shared; the documents leave it open."
    )


class GovernanceSettings(Settings):
    """Which use of members is asked about before they are read."""

    marketing_action: str = Field(
        "core/emailTargeting",
        pattern=r"^(core|custom)/[A-Za-z0-9_-]+$",
        description="What reading members counts as, `core/...` or `custom/...`; names of core ones are assumed.",
    )
    never: frozenset[str] = Field(
        frozenset({"C12"}), description="Labels of what never leaves, whatever policies are enabled."
    )
    datasets: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Datasets whose labels count, by id, each with paths of the fields that leave, e.g."
        " `/properties/personalEmail/properties/address`; none for all fields. Fields that an audience's rule asks"
        " count besides.",
    )
    drafts: bool = Field(False, description="Whether policies count that are drafts.")
    denied: Literal["suppress", "refuse"] = Field(
        "suppress", description="Whether denied members are read and accounted for, or nothing is read."
    )
    consent: ConsentSettings = Field(ConsentSettings(), description="Who has opted out.")
