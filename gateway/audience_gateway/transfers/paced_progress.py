"""Notes how far the stages of a transfer are, at a pace: each note is a write, and nobody looks that often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from audience_gateway.transfers.model import Stage

_SECONDS = 0.25


class PacedProgress:
    """What a transfer is told that reports progress; any thread may call it.

    Args:
        note: notes stage, rows done and rows in all.
        clock: the time in seconds.
    """

    def __init__(
        self, note: Callable[[Stage, int, int | None], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._note = note
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: dict[Stage, float] = {}
        self._waiting: dict[Stage, tuple[int, int | None]] = {}

    def __call__(self, stage: Stage, done: int, total: int | None) -> None:
        """Notes it at once if that has not just been done, or if the stage has ended; else with the next call."""
        with self._lock:
            now = self._clock()
            if done != total and now < self._noted.get(stage, now - _SECONDS) + _SECONDS:
                self._waiting[stage] = done, total
                return
            self._noted[stage] = now
            self._waiting.pop(stage, None)
        self._note(stage, done, total)

    def catch_up(self) -> None:
        """Notes what waits for that."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for stage, (done, total) in waiting.items():
            self._note(stage, done, total)
