"""A real PostgreSQL for tests: on the loopback, in a directory of its own, gone with the tests."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_USER = "gateway"
# Speed for safety: no test asks what is left after the machine lost its power.
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 32MB
"""


class PostgresServer:
    """A PostgreSQL server; `start` makes its files when it is called first.

    It keeps its port and its content when it is stopped and started again, and loses all with `close`.
    """

    def __init__(self) -> None:
        self._binaries = binaries()
        self._account = account()
        self._password = secrets.token_hex(8)
        self._port = 0
        self._directory = Path(tempfile.mkdtemp(prefix="postgres-"))
        if self._account:
            shutil.chown(self._directory, self._account)

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://{_USER}:{self._password}@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Starts it, and returns when it can be connected to."""
        if not self._data.exists():
            self._make()
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", self._data, "-l", self._directory / "log")

    def stop(self, mode: str = "fast") -> None:
        """Stops it: `fast` breaks its connections, `immediate` is as if it were killed."""
        self._run("pg_ctl", "stop", "-w", "-t", "60", "-D", self._data, "-m", mode)

    def restart(self, mode: str = "fast") -> None:
        """Stops and starts it."""
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """Stops it if it runs, and removes its files."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._directory)

    def create(self, database: str) -> str:
        """Makes a database and returns its address."""
        self.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Removes a database, and breaks the connections to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Runs a statement outside of a transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def _make(self) -> None:
        password = self._directory / "password"
        password.write_text(self._password)
        if self._account:
            shutil.chown(password, self._account)
        self._run(
            "initdb", "-D", self._data, "-U", _USER, "--pwfile", password, "--auth=scram-sha-256", "--no-sync",
            "--encoding=UTF8", "--locale=C",
        )  # fmt: skip
        self._port = free_port()
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"{_SETTINGS}port = {self._port}\n")

    def _run(self, program: str, *arguments: str | Path) -> None:
        # Its output goes to a file: a server that inherits a pipe would keep it open.
        with (self._directory / "output").open("w+b") as output:
            done = subprocess.run(
                [self._binaries / program, *arguments],
                user=self._account,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
            output.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')}")


def binaries() -> Path:
    """Where PostgreSQL's programs are. Raises RuntimeError if there are none."""
    found = shutil.which("initdb")
    candidates = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not candidates:
        raise RuntimeError("PostgreSQL is not installed: `make postgres` installs it")
    return candidates[-1].resolve().parent


def account() -> str | None:
    """The account that a server runs as: PostgreSQL refuses root. None for our own."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    """A port of the loopback that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this test process; a test that stops it makes one of its own."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a new database."""
    name = f"test_{secrets.token_hex(6)}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server of the test's own, for tests that stop it."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()
