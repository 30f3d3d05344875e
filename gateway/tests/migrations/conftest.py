import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.storage.database import connect

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """A database without tables."""
    engine = connect(database_url)
    yield engine
    engine.dispose()
