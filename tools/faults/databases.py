"""Databases that restart, and that somebody else locks."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.postgres import PostgresServer

_TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
_WITHOUT_LOCK_SECONDS = 60


class Postgres:
    """A PostgreSQL server with one database."""

    def __init__(self) -> None:
        self._server = PostgresServer()
        self.url = ""

    def start(self) -> None:
        """Makes and starts it. What it has committed it keeps, also if it is killed."""
        self._server.start()
        self._server.execute("ALTER SYSTEM SET synchronous_commit = on")
        self._server.execute("SELECT pg_reload_conf()")
        self.url = self._server.create("gateway")

    def another(self) -> str:
        """The address of one more database."""
        url: str = self._server.create("another")
        return url

    def restart(self, mode: str) -> None:
        """Stops it, `fast` or `immediate`, and starts it again."""
        self._server.restart(mode)

    def lock(self, meanwhile: Callable[[], None]) -> None:
        """Locks all tables for as long as a call takes; nobody else can so much as read them."""
        while not self._locked(meanwhile):
            pass  # a deadlock, of which PostgreSQL has put us out

    def close(self) -> None:
        """Stops it and drops its content."""
        self._server.close()

    def _locked(self, meanwhile: Callable[[], None]) -> bool:
        with psycopg.connect(self.url) as connection:
            tables = connection.execute(_TABLES).fetchall()
            names = sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
            try:
                connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
            except psycopg.errors.DeadlockDetected:
                return False
            meanwhile()
            connection.rollback()
        return True


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server until the block ends."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.close()


def lock_sqlite(path: Path, meanwhile: Callable[[], None]) -> None:
    """Locks a SQLite database for as long as a call takes; nobody else can write it."""
    with closing(sqlite3.connect(path, timeout=_WITHOUT_LOCK_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        meanwhile()
        connection.execute("ROLLBACK")
