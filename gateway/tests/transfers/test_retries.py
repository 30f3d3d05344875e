"""A step is tried again as often as its policy says; a system that asks to slow down uses up no attempt."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Permanent, RateLimited, Transient
from audience_gateway.transfers.retries import RetryPolicy, retrying

POLICY = RetryPolicy(attempts=3, first_delay=0.0001, patience=60)


async def nothing() -> None:
    return


def failing(*errors: Exception):
    """A step that raises these, one after the other, and then succeeds."""
    left = list(errors)

    async def step():
        if left:
            raise left.pop(0)
        return {"rows": 1}

    return step


async def test_a_step_that_fails_in_passing_succeeds_in_the_end():
    assert await retrying(failing(Transient("cut"), Transient("cut")), POLICY, nothing, nothing) == {"rows": 1}


async def test_attempts_come_to_an_end():
    with pytest.raises(Transient):
        await retrying(failing(*[Transient("cut")] * 3), POLICY, nothing, nothing)


async def test_a_system_that_asks_to_slow_down_uses_up_no_attempt():
    slow = [RateLimited("slow down", retry_after=0.0001)] * 20
    assert await retrying(failing(*slow, Transient("cut")), POLICY, nothing, nothing) == {"rows": 1}


async def test_patience_with_it_comes_to_an_end():
    impatient = RetryPolicy(attempts=3, first_delay=0.0001, patience=0)
    with pytest.raises(RateLimited):
        await retrying(failing(RateLimited("slow down")), impatient, nothing, nothing)


async def test_a_lasting_error_is_not_tried_again():
    with pytest.raises(Permanent):
        await retrying(failing(Permanent("no")), POLICY, nothing, nothing)


async def test_each_attempt_begins_after_cleaning_up_and_a_look_whether_it_is_still_wanted():
    calls: list[str] = []

    async def between() -> None:
        calls.append("clean up")

    async def before() -> None:
        calls.append("look")

    await retrying(failing(Transient("cut")), POLICY, between, before)
    assert [call for call, last in zip(calls, ["", *calls], strict=False) if call != last] == [
        "look",
        "clean up",
        "look",
    ]
