"""Trying a transaction again when the database was gone, locked or full for a while."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import sqlalchemy as sa

from audience_gateway.sdk.errors import Transient
from audience_gateway.storage.database import PLACE

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE_SECONDS = 90.0
"""How long a transaction is begun again: a restart of PostgreSQL takes less."""
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 2.0
_IN_PASSING = {
    sqlite3.SQLITE_BUSY: "the database is locked by another process",
    sqlite3.SQLITE_LOCKED: "the database is locked by another process",
    sqlite3.SQLITE_FULL: "the disk of the database is full",
    sqlite3.SQLITE_IOERR: "the file of the database cannot be read or written",
}
_PRIMARY_CODE = 0xFF  # SQLite's extended codes hold the primary one in their lowest byte


def retried(call: Callable[P, R]) -> Callable[P, R]:
    """Makes a call one that is begun again while the database is gone, with `PATIENCE_SECONDS`.

    The call is one short transaction that may run twice: its answer may have been lost after the commit.
    Raises Transient if the database stays away.
    """

    @wraps(call)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        return persist(partial(call, *args, **kwargs), PATIENCE_SECONDS)

    return again


def persist(transaction: Callable[[], R], patience: float) -> R:
    """Runs a transaction, and again for so many seconds while the database is gone. Raises Transient after them."""
    last = time.monotonic() + patience
    delay = _FIRST_DELAY
    while True:
        try:
            return transaction()
        except sa.exc.SQLAlchemyError as error:
            found = _found(error)
            if found is None:
                raise
            if time.monotonic() + delay > last:
                # Without its cause: the driver's text may show the address.
                raise Transient(found, place=PLACE, remedy="See that the database is up; then try again.") from None
        time.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret
        delay = min(2 * delay, _LONGEST_DELAY)


def _found(error: sa.exc.SQLAlchemyError) -> str | None:
    """What passes by itself; None for an error that stays."""
    if isinstance(error, sa.exc.TimeoutError):
        return "all connections to the database are taken"
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _IN_PASSING.get(getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY_CODE)
    if error.connection_invalidated or isinstance(error, sa.exc.OperationalError):
        return "the database cannot be reached"
    return None
