"""The join by Spark, on a machine or a cluster that sees the gateway's files at the same paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from audience_gateway.identity import index
from audience_gateway.identity.joining import ASKED, BARRED, Question
from audience_gateway.identity.partitions import Partition
from audience_gateway.identity.spark_failures import explained
from audience_gateway.sdk import CandidatePolicy, Reason
from audience_gateway.sdk.row_groups import batches_of
from audience_gateway.storage.atomic_file import publishing
from audience_gateway.storage.relations import Session

_TYPES = {
    "BIGINT": "BIGINT",
    "BOOLEAN": "BOOLEAN",
    "TIMESTAMPTZ": "TIMESTAMP",
    "UUID": "BINARY",  # its 16 bytes, which compare as the UUID does
    "VARCHAR": "STRING",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS_AT_ONCE = 50_000
_PATTERN = re.compile(r"([*?\[\]{}\\])")


class SparkJoin:
    """Finds the records that ids stand for, by a query of Spark.

    Args:
        spark: a session that takes times as UTC; each question is asked in one of its own.
    """

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark

    def find(self, session: Session, question: Question, found: Path, missed: Path) -> None:
        """As `Join` says. Raises Transient if Spark fails, OSError if its disk is full."""
        if found.exists() and missed.exists():
            return
        found.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".asked-", dir=found.parent) as directory, explained():
            asked = Path(directory) / "asked.parquet"
            session.publish(f"SELECT {', '.join(ASKED)} FROM first", asked)
            spark = self._spark.newSession()
            _view(spark, "first", [asked], ASKED)
            _view(spark, "indexed", question.entries, index.COLUMNS)
            _view(spark, "barred", [question.barred], BARRED)
            with _kept(spark.sql(_answers(question))) as answers:
                _publish(answers.where("taken").select("row", "key", "target"), found)
                _publish(answers.where("reason IS NOT NULL").select("row", "reason"), missed)


def _view(spark: SparkSession, name: str, paths: Sequence[Path], columns: Mapping[str, str]) -> None:
    present = [_PATTERN.sub(r"\\\1", _address(path)) for path in paths if path.exists()]  # what is read is a pattern
    if present:
        schema = ", ".join(f"`{column}` {_TYPES[type_]}" for column, type_ in columns.items())
        rows = spark.read.schema(schema).parquet(*present)
    else:
        # Rows that come from here, even none, would pass through a process of Python on each machine.
        nulls = ", ".join(f"CAST(NULL AS {_TYPES[type_]}) AS `{column}`" for column, type_ in columns.items())
        rows = spark.sql(f"SELECT {nulls} WHERE false")
    rows.createOrReplaceTempView(name)


def _address(path: Path) -> str:
    return f"file://{path.absolute()}"


def _answers(question: Question) -> str:
    """Query: row, key, target, taken, reason; of each id its records and whether it takes them, and one reason if none.

    All that happens behind the join goes by its key, so that rows move between machines once.
    """
    crowded = f"records > {question.too_many_people}"
    latest = "AND place = 1" if question.policy is CandidatePolicy.LATEST else ""
    single = "AND records = 1" if question.policy is CandidatePolicy.REJECT else ""
    ambiguous = f"WHEN records > 1 THEN '{Reason.AMBIGUOUS_ID}'" if single else ""
    return f"""
        WITH entry AS (
            SELECT key, indexed.target, last_seen, opted_out OR opposed.target IS NOT NULL AS opted_out
            FROM indexed LEFT JOIN (SELECT DISTINCT target FROM barred) AS opposed ON opposed.target = indexed.target
            WHERE {_holds(question.partition)}
        ), record AS (
            SELECT first.key, first.row, entry.target, count(entry.key) > 0 AS known, max(last_seen) AS last_seen,
                bool_or(opted_out AND NOT leaves) AS opted_out
            FROM first LEFT JOIN entry ON entry.key = first.key GROUP BY first.key, first.row, entry.target
        ), judged AS (
            SELECT *, known AND {_fresh(question.oldest)} AS fresh FROM record
        ), placed AS (
            SELECT *, count_if(fresh) OVER (PARTITION BY key, row) AS records, row_number() OVER (
                PARTITION BY key, row ORDER BY fresh DESC, last_seen DESC NULLS LAST, target) AS place
            FROM judged
        ), chosen AS (
            SELECT *, coalesce(fresh AND NOT opted_out, false) {latest} {single} AND NOT {crowded} AS taken FROM placed
        )
        SELECT row, key, target, taken, CASE
            WHEN place > 1 OR bool_or(taken) OVER (PARTITION BY key, row) THEN NULL
            WHEN records = 0 AND known THEN '{Reason.EXPIRED_ID}'
            WHEN records = 0 THEN '{Reason.UNKNOWN_ID}'
            WHEN {crowded} THEN '{Reason.CROWDED_ID}'
            {ambiguous}
            ELSE '{Reason.OPTED_OUT}' END AS reason
        FROM chosen"""


def _holds(partition: Partition) -> str:
    if not partition.bits:
        return "true"
    first, last = partition.bounds
    return f"key >= X'{first.hex}' AND key <= X'{last.hex}'"


def _fresh(oldest: datetime | None) -> str:
    if oldest is None:
        return "true"
    return f"coalesce(last_seen >= timestamp_micros({(oldest - _EPOCH) // timedelta(microseconds=1)}), true)"


@contextmanager
def _kept(rows: DataFrame) -> Iterator[DataFrame]:
    """Rows that are made once, however often they are looked at."""
    kept = rows.persist()
    try:
        yield kept
    finally:
        kept.unpersist()


def _publish(rows: DataFrame, path: Path) -> None:
    with publishing(path) as temporary, TemporaryDirectory(prefix=".spark-", dir=path.parent) as directory:
        rows.repartition(1).write.mode("append").parquet(_address(Path(directory)))
        (part,) = Path(directory).glob("part-*.parquet")
        _retype(part, temporary) if "key" in rows.columns else part.replace(temporary)


def _retype(part: Path, path: Path) -> None:
    """Writes a file of Spark anew with its keys as UUIDs."""
    with pq.ParquetFile(part) as file:
        schema = file.schema_arrow
        place = schema.get_field_index("key")
        with pq.ParquetWriter(path, schema.set(place, pa.field("key", pa.uuid()))) as writer:
            for batch in batches_of(file, _ROWS_AT_ONCE):
                keys = pa.uuid().wrap_array(batch.column(place).cast(pa.binary(16)))
                writer.write_batch(batch.set_column(place, "key", keys))
