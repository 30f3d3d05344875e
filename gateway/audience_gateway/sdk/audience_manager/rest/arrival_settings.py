"""When members that were written have arrived (audience-manager 3.5)."""

from __future__ import annotations

from pydantic import Field

from audience_gateway.sdk.settings import Settings


class ArrivalSettings(Settings):
    """Latest times after a delivery."""

    ingested_hours: float = Field(24, gt=0, description="Until the onboarding status reports the files.")
    visible_hours: float = Field(48, gt=0, description="Until members can be reported and activated.")
