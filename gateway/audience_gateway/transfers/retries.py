"""Trying a step again when a connected system failed in passing."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import RateLimited, Transient

_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and after how long.

    Attributes:
        attempts: attempts in all.
        first_delay: seconds before the second attempt; doubled before each further one, with jitter.
        longest_delay: seconds that no delay exceeds, also if the remote system asks for more.
        patience: seconds for which a step is tried again because the remote system asks to slow down.
    """

    attempts: int = 4
    first_delay: float = 0.5
    longest_delay: float = 60.0
    patience: float = 1800.0


async def retrying(
    step: Callable[[], Awaitable[StepResult]],
    policy: RetryPolicy,
    between: Callable[[], Awaitable[None]],
    before: Callable[[], Awaitable[None]],
) -> StepResult:
    """Runs a step; on Transient and RateLimited cleans up by `between`, waits and runs it again.

    A system that asks to slow down has not failed: that uses up patience, and no attempt. Calls `before` before each
    attempt and every second of a wait: what it raises ends the step.
    """
    failures = complaints = 0
    last = time.monotonic() + policy.patience
    while True:
        await before()
        try:
            return await step()
        except RateLimited as error:
            complaints += 1
            if time.monotonic() > last:
                raise
            wait = _backoff(policy, complaints) if error.retry_after is None else error.retry_after
        except Transient:
            failures += 1
            if failures == policy.attempts:
                raise
            wait = _backoff(policy, failures)
        await between()
        await _wait(min(wait, policy.longest_delay), before)


def _backoff(policy: RetryPolicy, times: int) -> float:
    return policy.first_delay * 2.0 ** min(times - 1, 16) * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, no secret


async def _wait(seconds: float, meanwhile: Callable[[], Awaitable[None]]) -> None:
    while seconds > 0:
        await asyncio.sleep(min(seconds, _LOOK_SECONDS))
        seconds -= _LOOK_SECONDS
        await meanwhile()
