"""The file destination by which audiences go to Campaign, and how they are activated to it (rtcdp 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from audience_gateway.sdk import Secret, Settings
from pydantic import Field

Frequency = Literal["DAILY", "EVERY_3_HOURS", "EVERY_6_HOURS", "EVERY_8_HOURS", "EVERY_12_HOURS"]


class ActivationSettings(Settings):
    """One flow, known by its name; connections bear the name, too."""

    name: str = Field(min_length=1, description="Name of the flow and its connections in Experience Platform.")
    set_up: bool = Field(
        False, description="Whether planning a share makes what is missing, also a dry run; else it only says so."
    )
    connection_spec: str = Field(
        "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", description="Kind of destination; that of Adobe Campaign."
    )
    flow_spec: str = Field("upsToCampaign", description="Name of the kind of flow, or its id.")
    auth_spec: str = Field("S3", description="How the platform opens the destination, as it calls that.")
    auth: Mapping[str, Secret] = Field(
        default_factory=dict, description="What it needs for that, e.g. `accessId` and `secretKey`."
    )
    target: Mapping[str, str] = Field(
        default_factory=lambda: {"mode": "S3", "format": "CSV"},
        description="Where files go and what they are, e.g. `bucketName` and `path`.",
    )
    fields: tuple[str, ...] = Field(
        ("personalEmail.address",), description="Fields of profiles that are exported, the Declared ID among them."
    )
    file_name: str = Field(
        "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%", description="Names of files, in macros."
    )
    export_mode: Literal["DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"] = Field(
        "DAILY_FULL_EXPORT", description="Whether each file has all members, or only those that have changed."
    )
    frequency: Frequency = Field("DAILY", description="How often; full exports are daily.")
    start_time: str = Field("00:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="When, in UTC.")
    most_audiences: int = Field(250, ge=1, description="Audiences of one destination.")
    most_uploads: int = Field(10, ge=1, description="Audiences from uploads of one flow, which is a hard limit.")
