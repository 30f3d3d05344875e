"""Streaming collection: members as a field of their profiles, which a rule asks for (rtcdp 5)."""

from __future__ import annotations

from collections.abc import Mapping

from audience_gateway.sdk import Settings
from audience_gateway.sdk.rest import HttpUrl
from pydantic import Field


class StreamingSettings(Settings):
    """An inlet, and where in a profile it says in which audiences somebody is."""

    url: HttpUrl = Field("https://dcs.adobedc.net", description="Address of streaming collection.")
    inlet: str = Field(pattern=r"^[A-Za-z0-9-]+$", description="Id of the streaming connection.")
    authenticated: bool = Field(False, description="Whether the inlet wants tokens.")
    schema_id: HttpUrl = Field(description="Id of the schema of the profiles.")
    dataset_id: str = Field(min_length=1, description="Dataset that takes them.")
    flow_id: str = Field("", description="Dataflow that takes them; empty for none.")
    field: str = Field(
        pattern=r"^_[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+$",
        description="Path of a map of booleans by audience, e.g. `_example.sharedAudiences`, in the schema.",
    )
    namespaces: Mapping[str, str] = Field(
        default_factory=lambda: {"visitor_id": "ECID"},
        description="Identity namespaces of ids, by the name of a data source, or else by an id type.",
    )
    merges: bool = Field(
        True,
        description="Whether records ask to change a profile instead of replacing what the dataset said of it before,"
        " other audiences too; how is not documented with streaming collection.",
    )
    most_messages: int = Field(500, ge=1, description="Records of one call.")
    request_bytes: int = Field(900_000, ge=10_000, le=1_000_000, description="Largest call; the platform takes 1 MB.")
    timeout_seconds: float = Field(30, gt=0, description="How long one call may take.")
