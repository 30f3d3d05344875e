"""Waiting for a disk that is full: a transfer keeps its work until there is room again."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Awaitable, Callable

import duckdb
import structlog

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Transient

PATIENCE_SECONDS = 3600.0
"""How long a transfer waits for room."""
_LOOK_SECONDS = 2.0
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_full_disk(error: BaseException) -> bool:
    """Whether an error says that the disk is full. DuckDB says so in its text only."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, duckdb.Error) and "No space left on device" in str(error)


async def waiting_for_room(
    step: Callable[[], Awaitable[StepResult]],
    between: Callable[[], Awaitable[None]],
    before: Callable[[], Awaitable[None]],
    patience: float = PATIENCE_SECONDS,
) -> StepResult:
    """Runs a step, and again while the disk is full. Raises Transient once patience, in seconds, is at its end.

    Cleans up by `between` after each attempt, and calls `before` before each further one: what it raises ends the wait.
    """
    last = time.monotonic() + patience
    told = False
    while True:
        try:
            return await step()
        except (OSError, duckdb.Error) as error:
            if not is_full_disk(error):
                raise
            if time.monotonic() > last:
                raise Transient(
                    "the disk is full", place="storage.state", remedy="Free some space, then share again.", sent=False
                ) from None
        if not told:
            structlog.get_logger("transfers").warning("the disk is full, waiting for room", place="storage.state")
            told = True
        await between()
        await asyncio.sleep(_LOOK_SECONDS)
        await before()
