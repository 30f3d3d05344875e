"""Loading libraries: Python looks for garbage again and again meanwhile, and finds none in what was only just made."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Libraries complain at the end of the process about what was not released.
atexit.register(gc.unfreeze)


@contextmanager
def loading() -> Iterator[None]:
    """Lets no garbage be looked for in the block, nor ever in what was there at its end: what is loaded stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
