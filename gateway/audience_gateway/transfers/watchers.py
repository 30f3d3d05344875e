"""Who watches a transfer looks a few times a second, and at once when it has started, ended or is withheld here."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from audience_gateway.sdk import EventKind

Observe = Callable[[EventKind, str], None]


class Glance:
    """When one watcher looks next.

    Args:
        loop: the event loop that it watches in.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news = asyncio.Event()

    def begin(self) -> None:
        """Whatever happens from here on is news."""
        self._news.clear()

    async def next(self, seconds: float) -> None:
        """Waits for news, so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    def tell(self) -> None:
        """There is news; any thread may say so."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)


class Watchers:
    """All of them, by the id of the transfer. What other processes do, they see when they look."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._glances: defaultdict[str, set[Glance]] = defaultdict(set)

    @contextmanager
    def watching(self, transfer: str) -> Iterator[Glance]:
        """One more, as long as the block lasts, which is in an event loop."""
        glance = Glance(asyncio.get_running_loop())
        with self._lock:
            self._glances[transfer].add(glance)
        try:
            yield glance
        finally:
            with self._lock:
                self._glances[transfer].discard(glance)
                if not self._glances[transfer]:
                    del self._glances[transfer]

    def telling(self, observe: Observe) -> Observe:
        """Observes as before, and tells the watchers; any thread may call it."""

        def both(kind: EventKind, transfer: str) -> None:
            try:
                observe(kind, transfer)
            finally:
                with self._lock:
                    for glance in self._glances.get(transfer, ()):
                        glance.tell()

        return both
