import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.sdk import Transient
from audience_gateway.storage.database import connect
from audience_gateway.storage.lost_connections import persist, retried

from tests.postgres import PostgresServer


class Locked:
    """A file that another one writes to; who waits for it is told at once that it is locked."""

    def __init__(self, path: Path) -> None:
        self._engine = connect(f"sqlite:///{path}?timeout=0")
        with self._engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE numbers (number INTEGER)")
        self._holder = sqlite3.connect(path, isolation_level=None)
        self._holder.execute("BEGIN IMMEDIATE")

    def write(self) -> int:
        with self._engine.begin() as connection:
            return connection.exec_driver_sql("INSERT INTO numbers VALUES (1)").rowcount

    def free(self) -> None:
        self._holder.execute("COMMIT")

    def close(self) -> None:
        self._holder.close()
        self._engine.dispose()


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Locked]:
    locked = Locked(tmp_path / "gateway.db")
    yield locked
    locked.close()


def one(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT 1")).scalar_one())


def test_a_transaction_outlives_a_restart_of_the_database(own_postgres: PostgresServer) -> None:
    engine = connect(own_postgres.url())

    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        own_postgres.restart()
        # The connection that it holds is broken; the next attempt gets a new one.
        calls = []

        def transaction() -> int:
            calls.append(1)
            if len(calls) == 1:
                return int(connection.execute(sa.text("SELECT 1")).scalar_one())
            return one(engine)

        assert persist(transaction, 30) == 1
        connection.invalidate()

    assert len(calls) == 2
    engine.dispose()


def test_a_transaction_waits_until_the_database_is_back(own_postgres: PostgresServer) -> None:
    engine = connect(own_postgres.url())
    own_postgres.stop()
    failed = threading.Event()
    answers = []

    def transaction() -> int:
        try:
            return one(engine)
        except sa.exc.OperationalError:
            failed.set()
            raise

    waiting = threading.Thread(target=lambda: answers.append(persist(transaction, 60)))
    waiting.start()
    assert failed.wait(30)
    own_postgres.start()
    waiting.join()

    assert answers == [1]
    engine.dispose()


def test_a_database_that_stays_away_is_a_transient_error_that_does_not_show_its_address(
    own_postgres: PostgresServer,
) -> None:
    engine = connect(own_postgres.url())
    password = str(engine.url.password)
    own_postgres.stop()

    with pytest.raises(Transient) as raised:
        persist(lambda: one(engine), 0.2)

    assert raised.value.place == "storage.database"
    assert raised.value.remedy
    assert str(engine.url.host) not in str(raised.value)
    assert password not in str(raised.value)


def test_a_locked_file_is_waited_for(locked: Locked) -> None:
    def transaction() -> int:
        try:
            return locked.write()
        except sa.exc.OperationalError:
            locked.free()
            raise

    assert persist(transaction, 30) == 1


def test_a_file_that_stays_locked_is_a_transient_error(locked: Locked) -> None:
    with pytest.raises(Transient, match="locked by another process"):
        persist(locked.write, 0.2)


def test_a_full_disk_is_a_transient_error(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'gateway.db'}")

    def transaction() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 4")
            connection.exec_driver_sql("CREATE TABLE large (content BLOB)")
            connection.exec_driver_sql("INSERT INTO large VALUES (zeroblob(1000000))")

    with pytest.raises(Transient, match="disk of the database is full"):
        persist(transaction, 0)
    engine.dispose()


@pytest.mark.parametrize("statement", ["SELECT * FROM nowhere", "SELECT no sense"])
def test_a_statement_that_is_wrong_is_not_tried_again(database: sa.Engine, statement: str) -> None:
    calls = []

    @retried
    def transaction() -> None:
        calls.append(1)
        with database.connect() as connection:
            connection.execute(sa.text(statement))

    with pytest.raises(sa.exc.DBAPIError):
        transaction()
    assert calls == [1]
