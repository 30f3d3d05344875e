"""Sessions of Spark: a JVM that starts with the gateway and ends with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from audience_gateway.sdk import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PLACE = "transfers.join"


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkOptions:
    """Which Spark, and how it runs.

    Attributes:
        master: address of the cluster, or `local[N]` for N threads of this machine.
        scratch: directory that a local Spark spills to.
        properties: properties of Spark that go before those of the gateway.
    """

    master: str
    scratch: Path
    properties: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def spark_session(options: SparkOptions) -> Iterator[SparkSession]:
    """A session that ends with the block, and its JVM too; a process has one at a time.

    Raises ConfigError if pyspark or Java is missing, or Spark does not start.
    """
    _require_java()
    spark = _start(options)
    try:
        yield spark
    finally:
        spark.stop()
        _end_jvm()


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=str(Path(home) / "bin") if home else None):
        raise ConfigError(
            f"there is no `java` {'in JAVA_HOME' if home else 'on the path'}, which Spark needs",
            place=_PLACE,
            remedy="Install Java 17 or later, and let JAVA_HOME say where it is.",
        )


def _start(options: SparkOptions) -> SparkSession:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  # large, and who joins by DuckDB does not have it
    except ImportError:
        raise ConfigError(
            "pyspark is not installed", place=_PLACE, remedy='Install it: pip install "audience-gateway[spark]".'
        ) from None
    from audience_gateway.identity.spark_failures import FAILURES, kind  # noqa: PLC0415  # needs pyspark, too

    options.scratch.mkdir(parents=True, exist_ok=True)
    try:
        return SparkSession.builder.config(map=_properties(options)).getOrCreate()
    except FAILURES as error:
        _end_jvm()
        raise ConfigError(
            f"Spark did not start: {kind(error)}",
            place="transfers.spark",
            remedy="Look at what it wrote to the standard error; then correct `master` and `options`.",
        ) from None


def _properties(options: SparkOptions) -> dict[str, str]:
    local = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(options.scratch),
    }
    ours = {
        "spark.app.name": "audience-gateway",
        "spark.log.level": "ERROR",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(options.scratch / "warehouse"),
    }
    fixed = {"spark.master": options.master, "spark.sql.session.timeZone": "UTC"}
    return {**ours, **(local if options.master.startswith("local") else {}), **options.properties, **fixed}


def _end_jvm() -> None:
    from pyspark import SparkContext  # noqa: PLC0415  # as above

    # Stopping a session leaves its JVM, for which pyspark offers nothing but the end of this process.
    gateway = SparkContext._gateway  # noqa: SLF001
    if gateway is None:
        return
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
