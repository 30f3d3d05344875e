from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.storage.schema import METADATA

sys.path.insert(0, str(Path(__file__).parents[1] / "transfers"))
sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.schedules.ledger import ScheduleLedger
from audience_gateway.schedules.occurrences import Occurrences
from idle import Waiting


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/gateway.db")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(sqlite: sa.Engine) -> ScheduleLedger:
    return ScheduleLedger(sqlite)


@pytest.fixture
def transfers(sqlite: sa.Engine, tmp_path: Path) -> Waiting:
    return Waiting(sqlite, tmp_path)


@pytest.fixture
def occurrences(ledger: ScheduleLedger, transfers: Waiting) -> Occurrences:
    return Occurrences(ledger, transfers.service, transfers.ledger)
