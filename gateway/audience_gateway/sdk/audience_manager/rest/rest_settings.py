"""What a connection to the REST interface is configured with."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field

from audience_gateway.sdk.audience_manager.rest.history_settings import HistorySettings
from audience_gateway.sdk.audience_manager.rest.object_settings import (
    LimitSettings,
    OnboardingSettings,
    PopulationSettings,
)
from audience_gateway.sdk.rest import HttpUrl
from audience_gateway.sdk.settings import Settings


class RestSettings(Settings):
    """One organisation's REST interface, and where audiences are created in it."""

    url: HttpUrl = Field("https://aam.adobe.io/v1", description="Address of the REST interface, with its version.")
    credentials: str = Field(min_length=1, description="Name of `[credentials.*]` that supplies IMS tokens.")
    timeout_seconds: float = Field(60, gt=0, description="How long one call may take.")
    page_size: int = Field(500, ge=1, le=5000, description="Objects of one page of a list.")
    onboarding: OnboardingSettings | None = Field(
        None, description="Where audiences are created, and which go by their integration codes."
    )
    populations: PopulationSettings = Field(PopulationSettings(), description="Which metrics are sizes.")
    limits: LimitSettings = Field(LimitSettings(), description="How many objects there may be.")
    history: HistorySettings = Field(HistorySettings(), description="How rows about files are read.")

    @property
    def place(self) -> str:
        """Host and port, for errors."""
        return urlsplit(self.url).netloc
