"""Where files of external audiences are left, and what is made of them (rtcdp 1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from audience_gateway.sdk import Folder, Settings
from pydantic import Field, model_validator

DEFAULT_NAMESPACE = "CustomerAudienceUpload"
"""Namespace of audiences that come in files, unless another is set."""

_BY_CONNECTION = frozenset({"S3", "GCS", "SFTP"})


class ExternalSettings(Settings):
    """A bucket that Experience Platform reads files of external audiences from."""

    bucket: str = Field(min_length=1, description="Address, as the gateway writes to it.")
    credentials: str = Field("", description="Name of `[credentials.*]` that opens it.")
    prefix: Folder = Field("", description="Folder in it.")
    cloud_type: Literal["S3", "DLZ", "GCS", "Azure", "SFTP"] = Field(description="What the platform calls its kind.")
    base_connection_id: str = Field("", description="Connection of the flow service by which the platform reads it.")
    platform_prefix: Folder = Field(
        "", description="What the platform's paths begin with, before `prefix`; `dlz-user-container/` for a DLZ."
    )
    namespaces: Mapping[str, str] = Field(
        default_factory=lambda: {"visitor_id": "ECID"},
        description="Identity namespaces of ids, by the name of a data source, or else by an id type.",
    )
    audience_namespace: str = Field(DEFAULT_NAMESPACE, description="Namespace of the audiences themselves.")
    labels: tuple[str, ...] = Field((), description="Data usage labels that new audiences get, e.g. `core/C2`.")
    ttl_days: int = Field(30, ge=1, le=90, description="Days that a membership lasts unless a file renews it.")
    most_ingestions: int = Field(
        10, ge=1, description="Files that the platform takes into one audience; then a new one takes its place."
    )
    files_replace: bool = Field(
        False,
        description="Whether who is missing in a new file leaves at once, which is not documented; else when the"
        " membership is over.",
    )
    operation_seconds: float = Field(120, gt=0, description="How long making an audience may take.")
    poll_seconds: float = Field(2, gt=0, description="Pause between two questions whether it is made.")
    ingestion_hours: float = Field(24, gt=0, description="Within so many hours members are in the platform's profiles.")

    @model_validator(mode="after")
    def _is_reached(self) -> Self:
        if self.cloud_type in _BY_CONNECTION and not self.base_connection_id:
            raise ValueError(f"`base_connection_id` is needed for {self.cloud_type}")
        return self
