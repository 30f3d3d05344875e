"""From a job's thread to the event loop that does the I/O, and back."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from audience_gateway.jobs.engine import Stopped

T = TypeVar("T")


class LoopBridge:
    """Runs coroutines of job threads on one event loop, until it is closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._running: set[concurrent.futures.Future[Any]] = set()
        self._closed = False

    def call(self, step: Callable[[], Awaitable[T]]) -> T:
        """Runs a step and waits for it; raises Stopped if the bridge is closed before it has ended."""

        async def run() -> T:
            return await step()

        with self._lock:
            if self._closed:
                raise Stopped
            future = asyncio.run_coroutine_threadsafe(run(), self._loop)
            self._running.add(future)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise Stopped from None
        finally:
            with self._lock:
                self._running.discard(future)

    def close(self) -> None:
        """Gives up what is running and refuses anything new."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for future in running:
            future.cancel()
