"""Points in the life of a transfer at which a test may end the process; otherwise nothing happens there."""

from __future__ import annotations

from collections.abc import Callable

NAMES = tuple(
    f"{when} {what}"
    for what in ("claim", "send", "ack", "commit", "snapshot", "receipt")
    for when in ("before", "after")
)
"""All points, in the order in which a transfer reaches them."""


class _Points:
    on_reached: Callable[[str], None] | None = None


def reached(name: str) -> None:
    """Is called where the point of that name is."""
    if _Points.on_reached is not None:
        _Points.on_reached(name)


def install(on_reached: Callable[[str], None]) -> None:
    """Calls a function, with the name, whenever a point is reached."""
    _Points.on_reached = on_reached
