"""Campaign's tables in a PostgreSQL database, used by the statements that SQLite takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus

from audience_gateway_sandbox.campaign.tables import TABLES

_Row = tuple[Any, ...]
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION lower_of(given TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE
    AS $$ SELECT lower(given COLLATE "und-x-icu") $$;
CREATE OR REPLACE FUNCTION upper_of(given TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE
    AS $$ SELECT upper(given COLLATE "und-x-icu") $$;
CREATE OR REPLACE FUNCTION next_id(place TEXT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
    DECLARE found BIGINT;
    BEGIN
        EXECUTE format('SELECT coalesce(max(id), 0) + 1 FROM %I', place) INTO found;
        RETURN found;
    END
$$;
"""
"""`next_id` numbers records as SQLite does: the highest id and one."""
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+) \(\s+id INTEGER PRIMARY KEY")
_NAME = re.compile(r'"(\w+)"')
_INDEXES = (
    "SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid"
    " WHERE i.relnamespace = 'public'::regnamespace AND NOT x.indisunique"
)


class PostgresDatabase:
    """A connection; see `Database` for what its methods promise. Raises psycopg.Error if there is none."""

    def __init__(self, url: str) -> None:
        # Values are put into the statements by the driver: as in SQLite, their types need not be told.
        self._connection = psycopg.connect(
            url, autocommit=True, cursor_factory=psycopg.ClientCursor, options="-c client_min_messages=warning"
        )
        with self:
            self._connection.execute((_FUNCTIONS + _definitions()).encode())

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> psycopg.Cursor[_Row]:
        """Run a statement."""
        return self._connection.execute(_translated(sql), tuple(parameters))

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Run a statement for each row of parameters."""
        with psycopg.Cursor(self._connection) as cursor:
            cursor.executemany(_translated(sql), parameters)

    def executescript(self, sql_script: str, /) -> None:
        """Run several statements."""
        self._connection.execute(_NAME.sub(_in_small_letters, sql_script).encode())

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[_Row]) -> None:
        """Copy many rows into a table."""
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def indexed_afterwards(self) -> Iterator[None]:
        """Drop the indexes that are no keys, and make them again at the end."""
        indexes = self._connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            self._connection.execute(f"DROP INDEX {name}".encode())
        yield
        for _, definition in indexes:
            self._connection.execute(str(definition).encode())

    def commit(self) -> None:
        """End the transaction, if one has been begun."""
        self._end("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        if self._connection.info.transaction_status is TransactionStatus.IDLE:
            self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._end("COMMIT" if kind is None else "ROLLBACK")

    def _end(self, how: str) -> None:
        if self._connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            self._connection.execute(how.encode())


@lru_cache(maxsize=512)
def _translated(sql: str) -> bytes:
    """Turn a statement for SQLite into one for PostgreSQL, which folds names that are not quoted to small letters."""
    named = _NAME.sub(_in_small_letters, sql.replace("%", "%%"))
    listed = named.replace("FROM json_each(?)", "FROM jsonb_array_elements_text(CAST(? AS JSONB)) AS listed (value)")
    return listed.replace("?", "%s").encode()


def _in_small_letters(found: re.Match[str]) -> str:
    return found[0].lower()


def _definitions() -> str:
    numbered = _TABLE.sub(r"CREATE TABLE IF NOT EXISTS \1 (id BIGINT PRIMARY KEY DEFAULT next_id('\1')", TABLES)
    typed = numbered.replace("INTEGER", "BIGINT").replace("TEXT", 'TEXT COLLATE "C"')
    return typed.replace(") WITHOUT ROWID", ")")
