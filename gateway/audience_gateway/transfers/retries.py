"""Trying a step again when a connected system failed in passing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import RateLimited, Transient


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
    step: Callable[[], Awaitable[StepResult]], policy: RetryPolicy, between: Callable[[], Awaitable[None]]
) -> StepResult:
    """Runs a step; on Transient and RateLimited cleans up by `between`, waits and runs it again."""
    delay = policy.first_delay
    for _ in range(policy.attempts - 1):
        try:
            return await step()
        except (Transient, RateLimited) as error:
            await between()
            asked = error.retry_after if isinstance(error, RateLimited) else None
            wait = asked if asked is not None else delay * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, no secret
            await asyncio.sleep(min(wait, policy.longest_delay))
            delay *= 2
    return await step()
