"""The SQLite file of profiles: one connection, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from audience_gateway_sandbox.audience_manager.profiles.tables import TABLES


class ProfileDatabase:
    """The tables. Calls and jobs run in threads of their own, so that each takes its turn.

    Args:
        path: the file, which is made if it is not there.
        tables: definitions of further tables.
    """

    def __init__(self, path: Path, tables: str = "") -> None:
        self._turn = RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, cached_statements=256)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # What is written outlives this process; that it outlives the machine too is not worth the wait for the disk.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA temp_store = MEMORY")
        self._connection.executescript(f"BEGIN; {TABLES} {tables} COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do things that are seen by others all at once, or not at all."""
        with self._turn, self._connection:
            yield self._connection

    def close(self) -> None:
        """Close the file, once nobody writes any more."""
        with self._turn:
            self._connection.close()
