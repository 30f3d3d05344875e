"""How long a trait stays with a profile (audience-manager 1.5)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta


def expires_at(qualified: datetime, ttl_days: int) -> datetime | None:
    """Tell when a trait ends that a profile came to at a moment; None for never.

    A TTL of one day ends after `24 + (24 - hour)` hours: at the midnight, in UTC, that follows its last day.
    """
    if not ttl_days:
        return None
    return datetime.combine(qualified.astimezone(UTC).date(), time(), UTC) + timedelta(days=ttl_days + 1)
