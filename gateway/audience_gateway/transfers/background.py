"""Work on many rows, in threads that stand back behind those that answer calls."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_NICENESS = 5
_MOST_THREADS = 32


def stand_back() -> None:
    """Lets other threads of the machine go before this one, and before those that it starts. Linux only."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


_THREADS = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="rows", initializer=stand_back)


async def in_background(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a call in such a thread."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, partial(call, *args, **kwargs))


async def to_its_end(work: Awaitable[R]) -> R:
    """Waits for work that cannot be broken off: who is cancelled meanwhile still waits until it has ended."""
    ending = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(ending)
    except asyncio.CancelledError:
        await asyncio.wait((ending,))
        raise
