"""A plan is kept as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from audience_gateway.sdk import WritePromise
from audience_gateway.transfers.plan import Plan
from slow import LADDER


@pytest.fixture
def plan():
    return Plan(
        reconciles=True,
        replaces=False,
        removes=True,
        creates=False,
        snapshot_key="connections/target/audiences/list",
        snapshot_version=2,
        snapshot_members=7,
        snapshot_file="2.parquet",
        source_rows=None,
        source_refreshed=datetime(2026, 5, 4, 12, 0, tzinfo=UTC),
        promise=WritePromise.IDEMPOTENT_BY_KEY,
        arrival_stages=LADDER,
        attributes=("tier", "city"),
        members_a_write=500,
    )


def test_a_plan_is_the_same_after_it_was_kept(plan):
    assert Plan.of(json.loads(json.dumps(plan.record()))) == plan
