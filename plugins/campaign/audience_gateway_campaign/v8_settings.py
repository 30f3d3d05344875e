"""What Managed Cloud Services allow (campaign 2.3)."""

from __future__ import annotations

from audience_gateway.sdk import Settings
from pydantic import Field


class ManagedCloudSettings(Settings):
    """Limits of Campaign v8 Managed Cloud Services, held when a transfer is planned."""

    most_audiences: int = Field(25, ge=1, description="Option `NmsCdp_Aep_Audience_List_Limit` of the instance.")
    most_fields: int = Field(20, ge=1, description="Option `NmsCdp_Aep_Destinations_Max_Columns` of the instance.")
    interval_hours: float = Field(3, ge=0, description="Shortest time between two files for one audience.")
    longest_file_name: int = Field(255, ge=1, description="Characters of a file's name.")
    forbidden_in_names: str = Field("&", description="Characters that an audience's name must not have.")
