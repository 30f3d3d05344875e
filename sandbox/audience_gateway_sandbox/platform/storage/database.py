"""The platform's database: one connection, one user at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from audience_gateway_sandbox.platform.storage.tables import TABLES

Row = tuple[Any, ...]


class Database:
    """A SQLite file. All that is done to it is done inside `transaction`, by one thread at a time.

    Args:
        path: the file; its tables are made if they are not there.
    """

    def __init__(self, path: Path) -> None:
        self._turn = RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, cached_statements=256, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # What is written outlives this process; that it outlives the machine too is not worth the wait for the disk.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(TABLES)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing; inside another transaction, a part of that one."""
        with self._turn:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN")
            self._depth += 1
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a statement."""
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters."""
        self._connection.executemany(sql, rows)

    def close(self) -> None:
        """Close the file, once nobody uses it."""
        with self._turn:
            self._connection.close()
