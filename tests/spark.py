"""A real Spark for tests: two threads on the loopback, one a test process, gone with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psutil
import pytest
from audience_gateway.identity.joining import Join
from audience_gateway.server.join_choice import chosen_join
from audience_gateway.server.settings import TransferSettings

_SETTINGS = {
    "join": "spark",
    "spark": {
        "master": "local[2]",
        "options": {
            "spark.driver.memory": "512m",
            "spark.sql.shuffle.partitions": "2",
            # What pays for many rows only, and tests have few.
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.codegen.wholeStage": "false",
        },
    },
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of joins go first: they stay together in one of several test processes, and one Spark does for all."""
    items.sort(key=lambda item: item.path.parent.name != "joins")


@pytest.fixture(scope="session")
def spark_join(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Join]:
    """The join that a gateway takes whose settings ask for Spark."""
    settings = TransferSettings.model_validate(_SETTINGS)
    with asyncio.Runner() as runner:
        choice = chosen_join(settings, tmp_path_factory.mktemp("spark"))
        yield runner.run(choice.__aenter__())
        runner.run(choice.__aexit__(None, None, None))
    left = [child.name() for child in psutil.Process().children(recursive=True) if child.name() == "java"]
    assert left == [], "Spark has left its process"
