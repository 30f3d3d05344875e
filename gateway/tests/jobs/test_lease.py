from __future__ import annotations

import pytest
from audience_gateway.jobs.engine import Stopped
from audience_gateway.jobs.lease import Lease


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lease(clock: Clock) -> Lease:
    held = Lease(10, clock)
    held.renew(held.now())
    return held


def test_it_is_not_held_before_the_first_beat(clock):
    assert not Lease(10, clock).held()


def test_it_is_held_for_its_time_after_a_beat(lease, clock):
    clock.time = 9.9
    assert lease.held()
    clock.time = 10
    assert not lease.held()


def test_it_counts_from_when_the_beat_was_begun(lease, clock):
    beaten = lease.now()
    clock.time = 8
    lease.renew(beaten)
    clock.time = 10
    assert not lease.held()


def test_a_job_goes_on_while_beats_keep_it(lease, clock):
    hold = lease.hold()
    for clock.time in (5, 12, 20):
        lease.renew(lease.now())
    hold.require()


def test_a_job_is_stopped_when_it_has_lapsed(lease, clock):
    hold = lease.hold()
    clock.time = 10
    with pytest.raises(Stopped):
        hold.require()


def test_a_job_that_began_before_a_lapse_is_stopped_even_if_it_is_held_again(lease, clock):
    old = lease.hold()
    clock.time = 10
    lease.renew(lease.now())
    with pytest.raises(Stopped):
        old.require()
    lease.hold().require()
