"""Stage guard: finds what looks like an accident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from audience_gateway.sdk import Reason
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.holds import Finding
from audience_gateway.transfers.match_rate import MatchRate
from audience_gateway.transfers.model import GuardLimits, TransferMode

_HOUR = timedelta(hours=1)


def shrunken_findings(indexes: Sequence[str]) -> tuple[Finding, ...]:
    """Why the indexes that a transfer goes by must not be relied on without somebody's word."""
    return tuple(Finding(Reason.INDEX_SHRUNK, f"{index}, more than `indexes` allows") for index in indexes)


def stale_finding(refreshed: datetime | None, limits: GuardLimits, now: datetime) -> tuple[Finding, ...]:
    """Why a source that was refreshed then is too old; empty if it is not, or if its connector cannot say."""
    if refreshed is None or not limits.stale_after or now - refreshed <= limits.stale_after:
        return ()
    hours, allowed = ((now - refreshed) / _HOUR, limits.stale_after / _HOUR)
    return (
        Finding(
            Reason.STALE_SOURCE,
            f"the source was refreshed {hours:,.1f} hours ago, and the guard lets it be {allowed:,.1f} old",
        ),
    )


def match_finding(now: MatchRate, before: MatchRate, limits: GuardLimits) -> tuple[Finding, ...]:
    """Why fewer rows match than should; empty if enough do, or if they are too few to tell."""
    allowed = limits.match_points
    if allowed is None or min(now.rows, before.rows) < max(limits.match_rows or 0, 1):
        return ()
    if before.points - now.points <= allowed:
        return ()
    return (
        Finding(
            Reason.MATCH_RATE_FELL,
            f"{now.points:.1f} % of the valid rows match, {before.points:.1f} % did in the last share of the source, "
            f"and the guard lets it fall by {allowed:g} points",
        ),
    )


def removal_findings(
    changes: Changes, mode: TransferMode, *, snapshot_members: int, limits: GuardLimits
) -> tuple[Finding, ...]:
    """Why the removals must not be delivered without somebody's word; empty if they may.

    A source without members, while the destination has some, is always held back, unless only those leave that it
    names; other removals only if they are above both limits.
    """
    if snapshot_members and not changes.members and not mode.names_leavers:
        return (
            Finding(
                Reason.EMPTY_SOURCE,
                f"the source has no member to deliver, and all {snapshot_members} members would be removed",
            ),
        )
    if limits.removed_rows is None or limits.removed_share is None:
        return ()
    if changes.leavers > limits.removed_rows and changes.leavers > limits.removed_share * snapshot_members:
        return (
            Finding(
                Reason.TOO_MANY_REMOVALS,
                f"{changes.leavers} of {snapshot_members} members would be removed, and the guard lets "
                f"{limits.removed_rows} go, or {limits.removed_share:.0%}",
            ),
        )
    return ()
