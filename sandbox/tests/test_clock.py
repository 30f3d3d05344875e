"""The virtual clock."""

from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway_sandbox.clock import Clock

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_the_clock_runs_ahead_of_real_time_by_what_it_was_advanced():
    clock = Clock(timedelta(hours=1), real_time=lambda: NOON)
    clock.advance(timedelta(days=1))
    assert clock.now() == NOON + timedelta(days=1, hours=1)
    assert clock.offset == timedelta(days=1, hours=1)


def test_the_clock_does_not_go_back():
    with pytest.raises(ValueError, match="does not go back"):
        Clock().advance(timedelta(seconds=-1))
