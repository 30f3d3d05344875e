"""Databases for tests: an example that asks for one is tried on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.storage.database import connect
from audience_gateway.storage.migrate import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gateway.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[sa.Engine]:
    """A database with the gateway's tables."""
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()
