"""Brings the tables of the gateway up to date."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from audience_gateway import migrations
from audience_gateway.sdk.errors import ConfigError, Transient
from audience_gateway.storage.database import PLACE
from audience_gateway.storage.lost_connections import persist
from audience_gateway.storage.schema import TRANSFERS, VERSION_TABLE

_FIRST = "0001"  # what the first release made, without noting a version
_LOCK_KEY = 0x6761_7465  # one of PostgreSQL's advisory locks, all gateways' for migrating
_PATIENCE_SECONDS = 15.0  # shorter than for a transaction: whoever starts a gateway with a wrong address waits for it
# Alembic keeps the migration under way in a variable of the whole process.
_ONE_AT_A_TIME = Lock()


def migrate(engine: sa.Engine) -> None:
    """Makes the tables, or brings them up to date: all of it or nothing, also if several processes ask at once.

    Raises ConfigError if the database cannot be used, or was made by a newer gateway.
    """
    try:
        persist(lambda: _migrate(engine), _PATIENCE_SECONDS)
    except Transient as error:
        raise ConfigError(
            error.message, place=PLACE, remedy="Correct its address, or start it and the gateway again."
        ) from None
    except sa.exc.DBAPIError as error:
        raise ConfigError(
            f"the tables cannot be made or brought up to date: {_code(error)}",
            place=PLACE,
            remedy="Correct the address, or give its user the right to make tables.",
        ) from None


def _migrate(engine: sa.Engine) -> None:
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
        config = _config(connection)
        seen = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_heads()
        _refuse_newer(seen, ScriptDirectory.from_config(config))
        if not seen and sa.inspect(connection).has_table(TRANSFERS.name):
            command.stamp(config, _FIRST)
        command.upgrade(config, "head")


def _code(error: sa.exc.DBAPIError) -> str:
    """What the database says went wrong, as a code: its texts may hold what is not ours to show."""
    return str(
        getattr(error.orig, "sqlstate", None)
        or getattr(error.orig, "sqlite_errorname", None)
        or type(error.orig).__name__
    )


def _config(connection: sa.Connection) -> Config:
    config = Config(attributes={"connection": connection})
    directory = Path(migrations.__file__).parent
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    return config


def _refuse_newer(seen: tuple[str, ...], scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if unknown := sorted(set(seen) - known):
        raise ConfigError(
            f"the database was made by a newer gateway: its tables are of version {unknown[-1]}, "
            f"this gateway knows them up to {max(known)}",
            place=PLACE,
            remedy="Start that gateway again, or restore the database that was kept before it.",
        )
