"""How changes of the identity index are found."""

from __future__ import annotations

from audience_gateway.sdk import Settings
from pydantic import Field


class IndexSettings(Settings):
    """How much of what was read before is read again, lest something that came late is missed."""

    overlap_minutes: float = Field(
        10.0, ge=0, description="Recipients that changed up to so long before the newest change that was seen."
    )
    log_overlap_hours: float = Field(
        24.0, ge=0, description="Tracking logs up to so much older than the newest; Campaign fetches them late."
    )
