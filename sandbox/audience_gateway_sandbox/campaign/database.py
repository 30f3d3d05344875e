"""Campaign's database: a SQLite file, or a PostgreSQL database by its URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import psycopg

from audience_gateway_sandbox.campaign.postgres import PostgresDatabase
from audience_gateway_sandbox.campaign.tables import TABLES

Row = tuple[Any, ...]
ERRORS = (sqlite3.Error, psycopg.Error)
"""What a statement may raise."""
_POSTGRES = ("postgresql://", "postgres://")


class Rows(Protocol):
    """What a statement answers."""

    def fetchone(self) -> Any:  # noqa: ANN401 - as in the standard library
        """Read the next row, None if there is no more."""
        ...

    def fetchall(self) -> list[Any]:
        """Read all rows."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Go through the rows."""
        ...


class Database(Protocol):
    """A connection. As a context, it is a transaction; parameters stand as `?` in statements.

    Statements are in the words that SQLite and PostgreSQL share, with `json_each(?)` for a list of values, and
    `lower_of` and `upper_of`, which know the letters of all languages.
    """

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run a statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run a statement that answers nothing, once for each row of parameters."""
        ...

    def executescript(self, sql_script: str, /) -> object:
        """Run several statements."""
        ...

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert many rows, fast."""
        ...

    def indexed_afterwards(self) -> AbstractContextManager[None]:
        """Do without indexes for the time of a context: faster than to keep them up row by row."""
        ...

    def commit(self) -> None:
        """End what has been begun."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...

    def __enter__(self) -> Self:
        """Begin a transaction."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Commit it, or roll it back after an exception."""
        ...


class SqliteDatabase(sqlite3.Connection):
    """A SQLite file."""

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert many rows."""
        places = ", ".join("?" * len(columns))
        # All names are constants of this distribution.
        self.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608 - see above

    @contextmanager
    def indexed_afterwards(self) -> Iterator[None]:
        """Drop the indexes and make them again at the end."""
        indexes = self.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            self.execute(f"DROP INDEX {name}")
        yield
        for _, definition in indexes:
            self.execute(definition)


def open_database(place: Path | str) -> Database:
    """Open a SQLite file, or a PostgreSQL database by its URL; its tables are made if they are not there.

    Raises one of ERRORS if it cannot be opened.
    """
    if isinstance(place, str) and place.startswith(_POSTGRES):
        return PostgresDatabase(place)
    return open_file(Path(place), TABLES)


def open_file(path: Path, tables: str) -> SqliteDatabase:
    """Open a SQLite file; `tables` are statements that make its tables if they are not there."""
    connection = sqlite3.connect(path, check_same_thread=False, cached_statements=256, factory=SqliteDatabase)
    # SQLite's own functions know ASCII letters only.
    connection.create_function("lower_of", 1, lambda text: str(text or "").lower(), deterministic=True)
    connection.create_function("upper_of", 1, lambda text: str(text or "").upper(), deterministic=True)
    connection.execute("PRAGMA case_sensitive_like = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    # What is written outlives this process; that it outlives the machine too is not worth the wait for the disk.
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(f"BEGIN; {tables} COMMIT;")
    return connection
