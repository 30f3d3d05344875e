"""How many profiles there are, as members of traits and segments (audience-manager 1.4)."""

from __future__ import annotations

from audience_gateway_sandbox.audience_manager.populations import LIFETIME
from audience_gateway_sandbox.audience_manager.rest.api import Api

TRAIT_DAYS = (1, 7, 14, 30, 60, 90)
SEGMENT_DAYS = (1, 7, 14, 30, 60, 90)


def trait_metrics(api: Api, sid: int) -> dict[str, int]:
    """Count the profiles of a trait, and how often they came to it."""
    now, populations = api.now(), api.populations
    return {f"uniques{days}Day": populations.trait_uniques(sid, days, now) for days in TRAIT_DAYS} | {
        f"count{days}Day": populations.trait_qualifications(sid, days, now) for days in TRAIT_DAYS
    }


def segment_metrics(api: Api, sid: int) -> dict[str, int]:
    """Count the profiles in a segment, those of real time and all."""
    now = api.now()

    def uniques(days: int, *, real_time: bool) -> int:
        return api.populations.segment_uniques(sid, days, now, real_time=real_time)

    return (
        {f"instantUniques{days}Day": uniques(days, real_time=True) for days in SEGMENT_DAYS}
        | {"instantUniquesLifetime": uniques(LIFETIME, real_time=True)}
        | {f"totalUniques{days}Day": uniques(days, real_time=False) for days in SEGMENT_DAYS}
        | {"totalUniquesLifetime": uniques(LIFETIME, real_time=False)}
    )
