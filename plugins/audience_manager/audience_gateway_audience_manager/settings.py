"""What an Audience Manager connection is configured with."""

from __future__ import annotations

from typing import Self

from audience_gateway.sdk.audience_manager.rest.arrival_settings import ArrivalSettings
from audience_gateway.sdk.audience_manager.rest.rest_settings import RestSettings
from pydantic import Field, model_validator

from audience_gateway_audience_manager.file_settings import InboundSettings, OutboundSettings
from audience_gateway_audience_manager.id_sync_settings import IdSyncSettings
from audience_gateway_audience_manager.object_settings import FieldSettings
from audience_gateway_audience_manager.preflight_settings import PreflightSettings
from audience_gateway_audience_manager.realtime_settings import CustomerDataSettings, DcsSettings, RawIdSettings


class AudienceManagerSettings(RestSettings):
    """One organisation's Audience Manager: its REST interface, and the ways that members go in and come out."""

    listed_data_sources: tuple[int, ...] = Field(
        (), description="Data sources whose segments and traits are audiences; none for all that the account sees."
    )
    inbound: InboundSettings | None = Field(None, description="Where files with members are left; none: not written.")
    outbound: OutboundSettings | None = Field(None, description="Where files with members arrive; none: not read.")
    dcs: DcsSettings | None = Field(None, description="Data collection servers, for a few members at once.")
    customer_data: CustomerDataSettings | None = Field(
        None, description="Customer Data API, for a few members at once; Adobe had it in beta."
    )
    id_syncs: dict[str, IdSyncSettings] = Field(
        default_factory=dict, description="Audiences `id-sync-<name>`, whose members are links between ids, by name."
    )
    raw_ids: RawIdSettings = Field(RawIdSettings(), description="Which ids are somebody's address or number in clear.")
    undocumented: FieldSettings = Field(FieldSettings(), description="Names that Adobe does not document.")
    arrival: ArrivalSettings = Field(ArrivalSettings(), description="When members have arrived.")
    preflight: PreflightSettings = Field(PreflightSettings(), description="What `check` looks for.")

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
