"""Few people, such as test profiles, each of whom the platform is asked about (rtcdp 7)."""

from __future__ import annotations

from collections.abc import Mapping

from audience_gateway.sdk import Settings
from pydantic import Field


class LookupSettings(Settings):
    """Who is asked about. Experience Platform answers by its Ultimate edition only."""

    bucket: str = Field(min_length=1, description="Bucket of the file with the people.")
    credentials: str = Field("", description="Name of `[credentials.*]` that open it; empty for the environment's.")
    file: str = Field("people.txt", min_length=1, description="Name of the file: UTF-8, an id a line.")
    namespaces: Mapping[str, str] = Field(
        default_factory=lambda: {"visitor_id": "ECID"},
        description="Identity namespaces of ids, by the name of a data source, or else by an id type.",
    )
    encoded: bool = Field(False, description="Whether the ids already went through the data source's codec.")
    merge_policy: str = Field("", description="Id of the merge policy; empty for the default one.")
    most_people: int = Field(10_000, ge=1, description="A file with more ids is refused: a call is made for each.")
    at_once: int = Field(8, ge=1, le=64, description="Calls at a time.")
