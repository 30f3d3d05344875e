"""Chooses what finds the records that ids stand for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from audience_gateway.identity.duckdb_join import DuckDBJoin
from audience_gateway.identity.joining import Join
from audience_gateway.identity.spark_session import SparkOptions, spark_session
from audience_gateway.server.settings import SparkSettings, TransferSettings


@asynccontextmanager
async def chosen_join(settings: TransferSettings, scratch: Path) -> AsyncIterator[Join]:
    """What joins for transfers; a Spark runs until the block ends. Raises ConfigError if it cannot."""
    if settings.join == "duckdb":
        yield DuckDBJoin()
        return
    with ExitStack() as stack:
        join = await asyncio.to_thread(_start, stack, settings.spark, scratch)
        try:
            yield join
        finally:
            await asyncio.to_thread(stack.close)


def _start(stack: ExitStack, settings: SparkSettings, scratch: Path) -> Join:
    options = SparkOptions(master=settings.master, scratch=scratch / "spark", properties=settings.options)
    spark = stack.enter_context(spark_session(options))
    from audience_gateway.identity.spark_join import SparkJoin  # noqa: PLC0415  # needs pyspark, which is now known to be there

    return SparkJoin(spark)
