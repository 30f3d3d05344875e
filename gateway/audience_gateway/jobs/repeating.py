"""Doing something again and again, beside everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable

import sqlalchemy as sa
import structlog

_END_SECONDS = 10


class Repeating:
    """Calls an action every so often in a thread of its own. A database that is away is told once, and waited for.

    Args:
        name: what it does, for logs.
        action: what to call.
        seconds: between the end of a call and the next.
    """

    def __init__(self, name: str, action: Callable[[], None], seconds: float) -> None:
        self._name = name
        self._action = action
        self._seconds = seconds
        self._ended = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins, after the first pause."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; a call under way ends first, within limits."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            self._once()

    def _once(self) -> None:
        try:
            self._action()
        except Exception as error:  # noqa: BLE001  # nothing may end this thread: without it, jobs of the dead stay dead
            if not self._failing:
                _log().warning("job store not reached", doing=self._name, type=_kind(error))
            self._failing = True
        else:
            if self._failing:
                _log().info("job store reached again", doing=self._name)
            self._failing = False


def tolerating(name: str, action: Callable[[], None]) -> None:
    """Calls an action at the end of this process; a database that is away is told, and does not keep from ending."""
    try:
        action()
    except sa.exc.SQLAlchemyError as error:
        _log().warning("job store not reached", doing=name, type=_kind(error))


def _kind(error: Exception) -> str:
    # The text of a database's error may show statements and where the database is.
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return type(cause).__qualname__


def _log() -> structlog.stdlib.BoundLogger:
    log: structlog.stdlib.BoundLogger = structlog.get_logger("jobs")
    return log
