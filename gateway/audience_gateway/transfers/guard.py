"""Stage guard: holds back what looks like an accident."""

from __future__ import annotations

from audience_gateway.sdk import Reason
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.model import GuardLimits, TransferMode


def held_back(changes: Changes, mode: TransferMode, *, snapshot_members: int, limits: GuardLimits) -> Reason | None:
    """Why the changes must not be delivered; None if they may.

    A source without members, while the destination has some, is always held back, unless only those leave that it
    names; other removals only if they are above both limits.
    """
    if snapshot_members and not changes.members and not mode.names_leavers:
        return Reason.EMPTY_SOURCE
    if changes.leavers > limits.removed_rows and changes.leavers > limits.removed_share * snapshot_members:
        return Reason.TOO_MANY_REMOVALS
    return None
