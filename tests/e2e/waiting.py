"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 30


def until(happened: Callable[[], bool]) -> None:
    """Waits for something to happen."""
    last = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < last
        time.sleep(0.2)
