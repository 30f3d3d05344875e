"""Trying a step again when a connected system failed in passing."""

from __future__ import annotations

import asyncio
import random
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
    """

    attempts: int = 4
    first_delay: float = 0.5
    longest_delay: float = 60.0


async def retrying(
    step: Callable[[], Awaitable[StepResult]],
    policy: RetryPolicy,
    between: Callable[[], Awaitable[None]],
    before: Callable[[], Awaitable[None]],
) -> StepResult:
    """Runs a step; on Transient and RateLimited cleans up by `between`, waits and runs it again.

    Calls `before` before each attempt and every second of a wait: what it raises ends the step.
    """
    delay = policy.first_delay
    for _ in range(policy.attempts - 1):
        await before()
        try:
            return await step()
        except (Transient, RateLimited) as error:
            await between()
            asked = error.retry_after if isinstance(error, RateLimited) else None
            wait = asked if asked is not None else delay * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, no secret
            await _wait(min(wait, policy.longest_delay), before)
            delay *= 2
    await before()
    return await step()


async def _wait(seconds: float, meanwhile: Callable[[], Awaitable[None]]) -> None:
    while seconds > 0:
        await asyncio.sleep(min(seconds, _LOOK_SECONDS))
        seconds -= _LOOK_SECONDS
        await meanwhile()
