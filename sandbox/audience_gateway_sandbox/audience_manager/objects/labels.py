"""What traits are sorted by, and the sites of cookie destinations (audience-manager 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTraitType:
    """A label of the organisation's own for traits."""

    pixel_type: int = 0
    name: str
    description: str | None = None
    pid: int = 0
    create_time: datetime
    update_time: datetime
    cr_uid: int = 0
    up_uid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSite:
    """A domain that cookie destinations are for."""

    site_id: int = 0
    url: str
    pid: int = 0
