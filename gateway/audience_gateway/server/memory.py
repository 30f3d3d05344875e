"""Memory of the process, kept level: what is freed goes back to the system instead of being kept for later.

Arrow's own allocators and the heaps of each thread keep what they once had, so that a gateway's memory would grow with
the largest transfer it has seen.
"""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_THRESHOLD_BYTES = 128 * 1024


def keep_level() -> None:
    """Lets Arrow take memory from the system, and, with glibc, gives free memory of 128 KiB and more back at once."""
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for option, value in (
            (_ARENA_MAX, 1),
            (_MMAP_THRESHOLD, _THRESHOLD_BYTES),
            (_TRIM_THRESHOLD, _THRESHOLD_BYTES),
        ):
            mallopt(option, value)
