"""The next part of something, begun before it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """At most one piece of work that is under way, whose result is wanted later."""

    def __init__(self) -> None:
        self._task: asyncio.Task[T] | None = None

    def begin(self, work: Coroutine[Any, Any, T]) -> None:
        """Begins with it."""
        self._task = asyncio.create_task(work)

    async def take(self, otherwise: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What was begun, whose errors are raised here; or where nothing was, that other work, done now."""
        begun, self._task = self._task, None
        return await (begun or otherwise())

    async def close(self) -> None:
        """Gives up what is under way, whatever becomes of it."""
        begun, self._task = self._task, None
        if begun is not None:
            begun.cancel()
            await asyncio.gather(begun, return_exceptions=True)
