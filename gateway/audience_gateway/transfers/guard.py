"""Stage guard: finds what looks like an accident."""

from __future__ import annotations

from audience_gateway.sdk import Reason
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.holds import Finding
from audience_gateway.transfers.model import GuardLimits, TransferMode


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
    if changes.leavers > limits.removed_rows and changes.leavers > limits.removed_share * snapshot_members:
        return (
            Finding(
                Reason.TOO_MANY_REMOVALS,
                f"{changes.leavers} of {snapshot_members} members would be removed, and the guard lets "
                f"{limits.removed_rows} go, or {limits.removed_share:.0%}",
            ),
        )
    return ()
