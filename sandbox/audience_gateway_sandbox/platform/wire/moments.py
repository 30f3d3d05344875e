"""Moments as callers write them."""

from __future__ import annotations

from datetime import UTC, datetime

from audience_gateway_sandbox.platform.wire.call import Refusal


def moment_in(text: str) -> datetime:
    """Read a moment; without a zone it is UTC (rtcdp 3). Raises Refusal if it cannot be read."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "A time must be written as 2026-11-27T10:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
