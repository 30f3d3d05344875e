"""Sizes of audiences: what the last evaluations counted (rtcdp 1.5); external audiences are not evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from audience_gateway_rtcdp.platform import Platform


async def sizes(platform: Platform, jobs: int) -> dict[str, int]:
    """Members by the platform's ids of audiences, as the newest of the last jobs that names an audience has it.

    Args:
        platform: where jobs are listed, the newest first.
        jobs: how many succeeded jobs are looked at.

    Raises what a call raises.
    """
    found: dict[str, int] = {}
    if not jobs:
        return found
    looked_at = 0
    async with aclosing(platform.segment_jobs([("status", "SUCCEEDED")])) as listed:
        async for job in listed:
            if str(job.get("status", "")).upper() != "SUCCEEDED":
                continue
            for audience, count in _counted(job).items():
                found.setdefault(audience, count)
            looked_at += 1
            if looked_at == jobs:
                break
    return found


def _counted(job: Mapping[str, Any]) -> dict[str, int]:
    """Those who are in, where they are told apart from those who have left; all that were counted where not."""
    metrics = job.get("metrics")
    by_status = metrics.get("segmentedProfileByStatusCounter") if isinstance(metrics, dict) else None
    counter = metrics.get("segmentedProfileCounter") if isinstance(metrics, dict) else None
    counts = {name: count for name, count in _items(counter) if isinstance(count, int)}
    for audience, statuses in _items(by_status):
        realized = sum(
            count
            for status, count in _items(statuses)
            if status.lower() in {"realized", "existing"} and isinstance(count, int)
        )
        counts[audience] = realized
    return counts


def _items(value: object) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []
