import subprocess
import sys
from pathlib import Path

import first_release
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from audience_gateway.sdk import ConfigError
from audience_gateway.storage.database import connect
from audience_gateway.storage.migrate import migrate
from audience_gateway.storage.schema import METADATA, VERSION_TABLE

from tests.postgres import PostgresServer

# Four processes: libraries are loaded once for all of them, which wait for the end of the input.
MIGRATE = """
import os, sys
from audience_gateway.storage.database import connect
from audience_gateway.storage.migrate import migrate
for _ in range(4):
    if not os.fork():
        sys.stdin.read()
        migrate(connect(sys.argv[1]))
        break
else:
    print([os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)])
"""


def ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or (name or "").startswith("gateway_")


def differences(engine: sa.Engine) -> list[object]:
    options = {"version_table": VERSION_TABLE, "include_name": ours, "compare_server_default": True}
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))


@pytest.mark.parametrize("before", ["nothing", "the first release"])
def test_migrations_make_the_tables_that_the_code_knows(engine: sa.Engine, before: str) -> None:
    if before == "the first release":
        first_release.fill(engine)

    migrate(engine)

    assert differences(engine) == []


def test_migrating_again_changes_nothing(engine: sa.Engine) -> None:
    migrate(engine)
    migrate(engine)

    assert differences(engine) == []


def test_tables_of_others_in_the_same_database_stay(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE workflow_status (id INTEGER)")

    migrate(engine)

    assert sa.inspect(engine).has_table("workflow_status")


@pytest.mark.slow
@pytest.mark.parametrize("before", ["nothing", "the first release"])
def test_of_several_processes_that_start_at_once_each_finds_the_tables(
    engine: sa.Engine, database_url: str, before: str
) -> None:
    if before == "the first release":
        first_release.fill(engine)
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", MIGRATE, database_url]

    done = subprocess.run(command, input=b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)

    assert done.stdout == b"[0, 0, 0, 0]\n"
    assert differences(engine) == []


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(
    engine: sa.Engine,
) -> None:
    first_release.fill(engine)
    with engine.begin() as connection:
        # What comes last, filling in the destinations, stumbles over it.
        connection.execute(first_release.TRANSFERS.update().values(request={"destination": []}))

    with pytest.raises(TypeError):
        migrate(engine)

    tables = sa.inspect(engine).get_table_names()
    assert sorted(tables) == ["gateway_progress", "gateway_snapshots", "gateway_transfers"]
    assert "destination" not in {column["name"] for column in sa.inspect(engine).get_columns("gateway_transfers")}


def test_a_database_of_a_newer_gateway_is_refused(engine: sa.Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")

    with pytest.raises(ConfigError, match=r"newer gateway.*9999.*0007") as refused:
        migrate(engine)

    assert refused.value.place == "storage.database"
    assert refused.value.remedy


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_text("something else, and longer than the header of a database\n" * 20)

    with pytest.raises(ConfigError, match="SQLITE_NOTADB"):
        migrate(connect(f"sqlite:///{tmp_path / 'gateway.db'}"))


def test_a_user_who_may_make_no_tables_is_told_so(postgres_url: str) -> None:
    owner = connect(postgres_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE reader LOGIN PASSWORD 'hush'")
    reader = connect(
        sa.make_url(postgres_url).set(username="reader", password="hush").render_as_string(hide_password=False)
    )

    with pytest.raises(ConfigError, match="42501") as refused:
        migrate(reader)

    assert "hush" not in str(refused.value)
    reader.dispose()
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP ROLE reader")
    owner.dispose()


def test_a_database_that_cannot_be_reached_is_refused_without_its_address(
    monkeypatch: pytest.MonkeyPatch, own_postgres: PostgresServer
) -> None:
    monkeypatch.setattr("audience_gateway.storage.migrate._PATIENCE_SECONDS", 0.2)
    away = connect(own_postgres.url())
    own_postgres.stop()

    with pytest.raises(ConfigError, match="cannot be reached") as refused:
        migrate(away)

    assert refused.value.place == "storage.database"
    assert str(away.url.password) not in str(refused.value)
