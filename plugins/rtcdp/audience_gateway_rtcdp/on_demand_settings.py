"""How long exports on demand are waited for (rtcdp 6.9)."""

from __future__ import annotations

from audience_gateway.sdk import Settings
from pydantic import Field


class OnDemandSettings(Settings):
    """Whether an audience is exported anew whenever its members are read."""

    wait_seconds: float = Field(
        3600, gt=0, description="How long an export may take, with the scheduled one that it may have to wait for."
    )
    poll_seconds: float = Field(10, gt=0, description="Pause between two questions whether it is done.")
