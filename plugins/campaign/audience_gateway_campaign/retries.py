"""Whether a call that failed is sent again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass

from audience_gateway.sdk import GatewayError, RateLimited, Transient

from audience_gateway_campaign.faults import FaultError


@dataclass(frozen=True, slots=True)
class Retries:
    """How often one call is sent.

    Attributes:
        attempts: how often in all.
        first_seconds: longest wait before the second time; it doubles each time.
        longest_seconds: a longer wait, also one that Campaign asks for, is left to the caller.
    """

    attempts: int
    first_seconds: float
    longest_seconds: float = 60.0

    def wait(self, error: GatewayError, attempt: int, *, refusals: bool) -> float | None:
        """Tell the seconds to wait after a failed attempt, counted from 1; None to give up.

        Args:
            error: what went wrong.
            attempt: how often the call was sent.
            refusals: whether a refusal, too, may have come in passing.
        """
        if attempt >= self.attempts:
            return None
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_seconds else None
        if isinstance(error, RateLimited | Transient) or (refusals and _may_pass(error)):
            ceiling = min(self.longest_seconds, self.first_seconds * 2 ** (attempt - 1))
            return random.uniform(ceiling / 2, ceiling)  # noqa: S311  # jitter, no secret
        return None


def _may_pass(error: GatewayError) -> bool:
    return isinstance(error, FaultError) and not error.is_about_the_request
