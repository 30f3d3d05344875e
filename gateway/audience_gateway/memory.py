"""Memory of the process, kept level: what is freed goes back to the system instead of being kept for later.

Arrow's own allocators and the heaps of each thread keep what they once had, so that a gateway's memory would grow with
the largest transfer it has seen.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 4 * 1024 * 1024
_SPARE_BYTES = 16 * 1024 * 1024


def keep_level() -> None:
    """Lets Arrow take memory from the system; with glibc, all threads share one heap, which gives back what is free.

    Blocks of 4 MiB and more are no part of the heap, and of what is free up to 16 MiB are kept: memory that comes back
    from the system is cleared each time, so that whoever works in smaller blocks is several times as fast.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = _of_glibc("mallopt")
    if mallopt is not None:
        for option, value in (
            (_ARENA_MAX, 1),
            (_MMAP_THRESHOLD, _LARGE_BYTES),
            (_TRIM_THRESHOLD, _SPARE_BYTES),
        ):
            mallopt(option, value)


def give_back() -> None:
    """Gives back what is free in the midst of the heap, too; with glibc only.

    For when much was done in small blocks and other work follows. It takes 30 ms of a heap of 300 MiB, in which nobody
    gets a block.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., Any] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
