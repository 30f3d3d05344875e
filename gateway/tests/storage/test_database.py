from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.sdk import ConfigError
from audience_gateway.storage.database import connect


def setting(engine: sa.Engine, name: str) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(name).scalar())


def test_a_sqlite_file_is_written_ahead_and_waits_for_a_lock(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'gateway.db'}")

    assert setting(engine, "PRAGMA journal_mode") == "wal"
    assert setting(engine, "PRAGMA busy_timeout") == "60000"
    engine.dispose()


def test_a_sqlite_address_may_say_how_long_a_lock_is_waited_for(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'gateway.db'}?timeout=2")

    assert setting(engine, "PRAGMA busy_timeout") == "2000"
    engine.dispose()


def test_a_plain_postgresql_address_is_enough(postgres_url: str) -> None:
    engine = connect(postgres_url)

    assert setting(engine, "SELECT 1") == "1"
    engine.dispose()


def test_a_silent_postgresql_counts_as_broken_after_a_while(postgres_url: str) -> None:
    engine = connect(postgres_url)

    with engine.connect() as connection:
        parameters = connection.connection.dbapi_connection.info.get_parameters()
    assert parameters["tcp_user_timeout"] == "30000"
    engine.dispose()


def test_a_timeout_of_the_address_goes_before_our_own(postgres_url: str) -> None:
    engine = connect(f"{postgres_url}?connect_timeout=3")

    with engine.connect() as connection:
        parameters = connection.connection.dbapi_connection.info.get_parameters()
    assert parameters["connect_timeout"] == "3"
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://root:hush@db/gateway", "no address, hush", "postgresql://u:hush@h:port/x"])
def test_another_address_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        connect(url)

    assert refused.value.place == "storage.database"
    assert refused.value.remedy
    assert "hush" not in str(refused.value)
