"""Looking for garbage in test processes: all that was collected is held to the end, and there is a lot of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

_NEW_OBJECTS = 5_000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Lets no garbage be looked for while tests are collected, and none among them afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
        gc.enable()


def pytest_unconfigure() -> None:
    """Lets libraries see that nothing of theirs is left, as some of them tell otherwise."""
    gc.unfreeze()
