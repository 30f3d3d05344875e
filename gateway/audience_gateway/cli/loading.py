"""Loading libraries: Python looks for garbage again and again meanwhile, and finds none in what was only just made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Lets no garbage be looked for in the block."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
