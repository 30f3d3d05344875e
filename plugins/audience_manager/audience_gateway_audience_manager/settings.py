"""What an Audience Manager connection is configured with."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from audience_gateway.sdk import Settings
from pydantic import Field, StringConstraints, model_validator

from audience_gateway_audience_manager.arrival_settings import ArrivalSettings
from audience_gateway_audience_manager.file_settings import InboundSettings, OutboundSettings
from audience_gateway_audience_manager.history_settings import HistorySettings
from audience_gateway_audience_manager.object_settings import (
    FieldSettings,
    LimitSettings,
    OnboardingSettings,
    PopulationSettings,
)
from audience_gateway_audience_manager.preflight_settings import PreflightSettings
from audience_gateway_audience_manager.realtime_settings import CustomerDataSettings, DcsSettings, RawIdSettings

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$", strip_whitespace=True)]


class AudienceManagerSettings(Settings):
    """One organisation's Audience Manager: its REST interface, and the ways that members go in and come out."""

    url: HttpUrl = Field("https://aam.adobe.io/v1", description="Address of the REST interface, with its version.")
    credentials: str = Field(min_length=1, description="Name of `[credentials.*]` that supplies IMS tokens.")
    timeout_seconds: float = Field(60, gt=0, description="How long one call may take.")
    page_size: int = Field(500, ge=1, le=5000, description="Objects of one page of a list.")
    listed_data_sources: tuple[int, ...] = Field(
        (), description="Data sources whose segments and traits are audiences; none for all that the account sees."
    )
    onboarding: OnboardingSettings | None = Field(
        None, description="Where audiences are created, and which go by their integration codes."
    )
    inbound: InboundSettings | None = Field(None, description="Where files with members are left; none: not written.")
    outbound: OutboundSettings | None = Field(None, description="Where files with members arrive; none: not read.")
    dcs: DcsSettings | None = Field(None, description="Data collection servers, for a few members at once.")
    customer_data: CustomerDataSettings | None = Field(
        None, description="Customer Data API, for a few members at once; Adobe had it in beta."
    )
    raw_ids: RawIdSettings = Field(RawIdSettings(), description="Which ids are somebody's address or number in clear.")
    populations: PopulationSettings = Field(PopulationSettings(), description="Which metrics are sizes.")
    limits: LimitSettings = Field(LimitSettings(), description="How many objects there may be.")
    undocumented: FieldSettings = Field(FieldSettings(), description="Names that Adobe does not document.")
    history: HistorySettings = Field(HistorySettings(), description="How rows about files are read.")
    arrival: ArrivalSettings = Field(ArrivalSettings(), description="When members have arrived.")
    preflight: PreflightSettings = Field(PreflightSettings(), description="What `check` looks for.")

    @property
    def place(self) -> str:
        """Host and port, for errors."""
        return urlsplit(self.url).netloc

    @property
    def is_written(self) -> bool:
        """Whether members can be written at all."""
        return self.inbound is not None or self.dcs is not None or self.customer_data is not None

    @model_validator(mode="after")
    def _one_way_for_few(self) -> Self:
        if self.dcs is not None and self.customer_data is not None:
            raise ValueError("either `dcs` or `customer_data` may be set: both are for a few members at once")
        if self.dcs is not None and self.inbound is None:
            raise ValueError("`dcs` needs `inbound`: it cannot take members away")
        return self
