"""How a connection is slowed down and sped up again, on a clock of the test's own."""

from __future__ import annotations

from audience_gateway.plugins.throttle import GOOD_CALLS, Limits, Throttle, Verdict
from hypothesis import given
from hypothesis import strategies as st


def limited(throttle: Throttle, now: float = 0.0, **answer: float) -> None:
    throttle.end(throttle.begin(now), Verdict.LIMITED, now, **answer)


def good(throttle: Throttle, calls: int, now: float = 0.0) -> None:
    for _ in range(calls):
        throttle.end(throttle.begin(now), Verdict.GOOD, now)


def test_as_many_calls_run_as_are_allowed_and_the_next_waits_for_one_to_end():
    throttle = Throttle(Limits(concurrency=2))
    begun = [throttle.begin(0), throttle.begin(0)]
    assert throttle.wait(0) is None
    throttle.end(begun[0], Verdict.GOOD, 1)
    assert throttle.wait(1) == 0


def test_calls_begin_at_their_pace_and_none_are_saved_up():
    throttle = Throttle(Limits(concurrency=9, calls_per_second=4))
    throttle.begin(100)
    assert throttle.wait(100) == 0.25
    throttle.begin(107)
    assert throttle.wait(107) == 0.25


def test_a_complaint_halves_the_calls_at_a_time_down_to_one():
    throttle = Throttle(Limits(concurrency=5))
    allowed = []
    for _ in range(4):
        limited(throttle)
        allowed.append(throttle.allowed)
    assert allowed == [2, 1, 1, 1]


def test_complaints_about_calls_that_ran_side_by_side_are_one():
    throttle = Throttle(Limits(concurrency=8))
    for begun in [throttle.begin(0) for _ in range(8)]:
        throttle.end(begun, Verdict.LIMITED, 0)
    assert (throttle.allowed, throttle.paused_seconds(0)) == (4, 0.5)


def test_good_calls_bring_back_one_at_a_time_up_to_what_is_configured():
    throttle = Throttle(Limits(concurrency=4))
    limited(throttle)
    good(throttle, GOOD_CALLS - 1)
    assert throttle.allowed == 2
    good(throttle, 1)
    assert throttle.allowed == 3
    good(throttle, 5 * GOOD_CALLS)
    assert throttle.allowed == 4


def test_a_call_that_began_before_the_complaint_and_ends_well_says_nothing_new():
    throttle = Throttle(Limits(concurrency=4))
    earlier = [throttle.begin(0) for _ in range(3)]
    limited(throttle)
    for begun in earlier:
        throttle.end(begun, Verdict.GOOD, 0)
    good(throttle, GOOD_CALLS - 1)
    assert throttle.allowed == 2


def test_a_failure_of_another_kind_changes_no_limit():
    throttle = Throttle(Limits(concurrency=2))
    throttle.end(throttle.begin(0), Verdict.OTHER, 0)
    assert (throttle.allowed, throttle.wait(0)) == (2, 0)


def test_the_system_says_how_long_the_pause_is():
    throttle = Throttle(Limits())
    limited(throttle, 10, retry_after=30)
    assert (throttle.wait(10), throttle.wait(25), throttle.wait(40)) == (30, 15, 0)


def test_a_shorter_pause_does_not_end_a_longer_one():
    throttle = Throttle(Limits())
    limited(throttle, 0, retry_after=30)
    limited(throttle, 1, retry_after=1)
    assert throttle.paused_seconds(1) == 29


def test_no_pause_is_longer_than_the_longest():
    throttle = Throttle(Limits(longest_pause=600))
    limited(throttle, 0, retry_after=86_400)
    assert throttle.wait(0) == 600


def test_where_the_system_does_not_say_pauses_grow_until_a_call_is_good():
    throttle = Throttle(Limits())
    pauses, now = [], 0.0
    for _ in range(10):
        limited(throttle, now)
        pauses.append(throttle.paused_seconds(now))
        now += pauses[-1]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    good(throttle, 1, now)
    limited(throttle, now)
    assert throttle.paused_seconds(now) == 0.5


@given(st.lists(st.sampled_from([Verdict.GOOD, Verdict.LIMITED, Verdict.OTHER]), max_size=200), st.integers(1, 9))
def test_there_is_always_a_place_and_never_more_than_configured(verdicts: list[Verdict], concurrency: int):
    throttle = Throttle(Limits(concurrency=concurrency))
    for verdict in verdicts:
        throttle.end(throttle.begin(0), verdict, 0)
        assert 1 <= throttle.allowed <= concurrency
        assert throttle.running == 0
