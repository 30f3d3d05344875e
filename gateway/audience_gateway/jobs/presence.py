"""What a process does to be known as alive: alone on SQLite, as one of several on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from audience_gateway.jobs.lease import Lease
from audience_gateway.jobs.repeating import Repeating
from audience_gateway.jobs.replicas import Replicas
from audience_gateway.jobs.sole_process import SoleProcess

_BEATS_PER_LEASE = 3


class Presence(Protocol):
    """The presence of this process.

    Attributes:
        executor: what the job store calls this process.
        replicas: the processes beside it; None if there can be none.
        look_seconds: how often to look for jobs that nobody runs.
    """

    executor: str
    replicas: Replicas | None
    look_seconds: float

    def begin(self) -> None:
        """Makes this process known."""
        ...

    def hold(self) -> Callable[[], None]:
        """For a job that begins: raises Stopped if another process may have taken the job over."""
        ...

    def end(self, *, idle: bool) -> None:
        """Ends; `idle` says that no job runs here any more, so that others need not wait before they take over."""
        ...


def presence(database_url: str, executor: str, lease_seconds: float) -> Presence:
    """The kind of presence that goes with a database."""
    url = sa.make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return Alone(url, executor, lease_seconds)
    return Member(url, executor, lease_seconds)


class Alone:
    """The only process. It has the same name after a restart, so that it takes up its own jobs again."""

    replicas: Replicas | None = None

    def __init__(self, url: sa.URL, executor: str, lease_seconds: float) -> None:
        self.executor = executor
        self.look_seconds = lease_seconds / _BEATS_PER_LEASE
        self._url = url
        self._sole = SoleProcess(Path(f"{url.database}.lock"))

    def begin(self) -> None:
        """Keeps other processes away. Raises ConfigError if there is one."""
        self._sole.acquire()
        engine = sa.create_engine(self._url)
        with engine.connect() as connection:
            # Kept in the file: queues that look for jobs then wait for nobody who writes.
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        engine.dispose()

    def hold(self) -> Callable[[], None]:
        """Nobody takes over."""
        return _nothing

    def end(self, *, idle: bool) -> None:  # noqa: ARG002  # the lock goes with the process, whatever runs
        """Lets another process begin."""
        self._sole.release()


class Member:
    """One of several processes, under another name at each start."""

    def __init__(self, url: sa.URL, executor: str, lease_seconds: float) -> None:
        self.executor = f"{executor}-{uuid.uuid4()}"
        self.look_seconds = lease_seconds / _BEATS_PER_LEASE
        self._lease = Lease(lease_seconds)
        self._engine = _engine(url, lease_seconds)
        self._replicas = Replicas(self._engine, self.executor, self._lease)
        self.replicas: Replicas | None = self._replicas
        self._beating = Repeating("beat", self._replicas.beat, self.look_seconds)

    def begin(self) -> None:
        """Beats, before the first job can begin, and from then on."""
        self._replicas.beat()
        self._beating.start()

    def hold(self) -> Callable[[], None]:
        """Raises Stopped once the lease has lapsed."""
        return self._lease.hold().require

    def end(self, *, idle: bool) -> None:
        """Beats no more."""
        self._beating.stop()
        try:
            if idle:
                self._replicas.leave()
        finally:
            self._engine.dispose()


def _engine(url: sa.URL, lease_seconds: float) -> sa.Engine:
    patience = max(1, int(lease_seconds))
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=2,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"connect_timeout": patience, "options": f"-c statement_timeout={patience}s"},
    )


def _nothing() -> None:
    return
