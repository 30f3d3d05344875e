"""What a server does now and then: drops what was kept long enough."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from audience_gateway import incidents

_EVERY_SECONDS = 3600.0


async def keep_house(sweep: Callable[[datetime], Awaitable[None]], every: float = _EVERY_SECONDS) -> None:
    """Sweeps at once and then every so many seconds, until it is cancelled; a sweep that failed is tried again."""
    while True:
        try:
            await sweep(datetime.now(UTC))
        except Exception as error:  # noqa: BLE001  # a sweep that failed must not end the ones to come
            incidents.report(error)
        await asyncio.sleep(every)
