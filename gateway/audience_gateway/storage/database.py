"""The database: SQLite for one process, PostgreSQL for several."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from audience_gateway.sdk.errors import ConfigError

PLACE = "storage.database"
"""Path of the setting that names the database."""
# How long a transaction waits for another one's lock, in seconds.
_LOCK_SECONDS = 60
# In libpq's words: seconds until a connection is given up, and until a silent one counts as broken.
_WAITS = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def connect(url: str) -> sa.Engine:
    """The database at `sqlite:///path` or `postgresql://user@host/name`; does no I/O.

    What the address itself says of timeouts goes before our own. Raises ConfigError for other addresses.
    """
    address = _parsed(url)
    if address.drivername == "sqlite":
        return _sqlite(address)
    if address.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        address = address.set(drivername="postgresql+psycopg")
        waits = {name: value for name, value in _WAITS.items() if name not in address.query}
        return sa.create_engine(address, connect_args=waits, pool_pre_ping=True)
    raise _wrong_address()


def _parsed(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise _wrong_address() from None


def _wrong_address() -> ConfigError:
    # Without the address: it may hold a password.
    return ConfigError(
        "found another address than sqlite:///path or postgresql://user@host/name",
        place=PLACE,
        remedy="Correct the address of the database.",
    )


def _sqlite(address: sa.URL) -> sa.Engine:
    waits = {} if "timeout" in address.query else {"timeout": _LOCK_SECONDS}
    engine = sa.create_engine(address, connect_args=waits)

    @sa.event.listens_for(engine, "connect")
    def _settle_on_wal(connection: sqlite3.Connection, _: object) -> None:
        # A commit then survives a killed process without waiting for the disk; the mode stays with the file.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine
