"""What the guard holds back, and what it lets through."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Reason
from audience_gateway.transfers.compare import Changes
from audience_gateway.transfers.guard import removal_findings
from audience_gateway.transfers.model import GuardLimits, TransferMode

LIMITS = GuardLimits(removed_rows=10, removed_share=0.2)


@pytest.mark.parametrize(
    ("changes", "snapshot_members", "reason"),
    [
        (Changes(joiners=5, leavers=0, members=5, kept=0), 0, None),
        (Changes(joiners=0, leavers=0, members=0, kept=0), 0, None),
        (Changes(joiners=0, leavers=3, members=0, kept=0), 3, Reason.EMPTY_SOURCE),
        (Changes(joiners=0, leavers=10, members=5, kept=0), 15, None),
        (Changes(joiners=0, leavers=11, members=989, kept=0), 1000, None),
        (Changes(joiners=0, leavers=200, members=800, kept=0), 1000, None),
        (Changes(joiners=0, leavers=201, members=799, kept=0), 1000, Reason.TOO_MANY_REMOVALS),
        (Changes(joiners=900, leavers=201, members=1699, kept=0), 1000, Reason.TOO_MANY_REMOVALS),
    ],
    ids=[
        "the first share",
        "nothing before and nothing now",
        "a source that has become empty",
        "few rows, whatever their share",
        "a small share, whatever its rows",
        "exactly the limit",
        "above both limits",
        "joiners do not make up for leavers",
    ],
)
def test_removals_above_both_limits_and_empty_sources_are_held_back(changes, snapshot_members, reason):
    found = removal_findings(changes, TransferMode.REPLACE, snapshot_members=snapshot_members, limits=LIMITS)
    assert [finding.reason for finding in found] == ([reason] if reason else [])


def test_limits_that_a_request_leaves_open_are_the_gateways():
    assert GuardLimits(removed_rows=None, removed_share=None, match_points=3).filled(LIMITS) == GuardLimits(
        removed_rows=10, removed_share=0.2, match_points=3
    )
    assert GuardLimits(removed_rows=0, removed_share=None).filled(LIMITS) == GuardLimits(
        removed_rows=0, removed_share=0.2
    )
