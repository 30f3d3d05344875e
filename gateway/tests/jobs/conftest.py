import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.jobs.in_memory import InMemoryEngine
from audience_gateway.storage.schema import REPLICAS

sys.path.insert(0, str(Path(__file__).parent))

Engine = InMemoryEngine | DurableEngine
STORES = {"sqlite": "sqlite_url", "postgresql": "replicas_url"}
Launch = Callable[..., Awaitable[Engine]]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/jobs.db"


@pytest.fixture
def replicas_url(postgres_url: str) -> str:
    """A PostgreSQL database with the table that processes beat in."""
    engine = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"))
    REPLICAS.create(engine)
    engine.dispose()
    return postgres_url


@pytest.fixture(params=STORES)
def durable_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(STORES[request.param])
    return url


@pytest.fixture(params=["in memory", *STORES])
async def launch(request: pytest.FixtureRequest) -> AsyncIterator[Launch]:
    """Launches an engine for a job, and stops it at the end of the test."""
    launched: list[Engine] = []
    url = request.getfixturevalue(STORES[request.param]) if request.param in STORES else None

    async def start(job: Any, **options: Any) -> Engine:
        engine = DurableEngine(url, job, **options) if url else InMemoryEngine(job, **options)
        await engine.launch()
        launched.append(engine)
        return engine

    yield start
    for engine in launched:
        await engine.stop()
