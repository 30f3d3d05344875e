"""Both joins say the same of many ids at once, whatever the policy, the partition and the time."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.identity.duckdb_join import DuckDBJoin
from audience_gateway.identity.joining import ASKED, Join, Question
from audience_gateway.identity.partitions import Partition
from audience_gateway.sdk import CandidatePolicy
from audience_gateway.storage.relations import QueryLimits, Relations, files, literal

IDS, ENTRIES = 3_000, 6_000
TIES = datetime(2026, 1, 2, tzinfo=UTC)

Answer = tuple[int | UUID | str, ...]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ids, entries in two files, and barred records; its name is one that a pattern would take for another."""
    chance, directory = random.Random(7), tmp_path_factory.mktemp("joins") / "a {b,c} [d] *"
    directory.mkdir()
    key = "CAST(md5(CAST({} AS VARCHAR)) AS UUID)"
    several = [(chance.randrange(IDS * 5 // 4), chance.randrange(IDS)) for _ in range(ENTRIES)]
    entries = pa.table(
        {
            "id": [id_ for id_, _ in several],
            "target": [f"r{record}é" if record % 3 else f"R{record}" for _, record in several],
            "second": [chance.choice([None, 0, 1, 2, 3]) for _ in several],
            "opted_out": [chance.random() < 0.2 for _ in several],
        }
    )
    asked = f"SELECT i AS row, {key.format('i')} AS key, i % 7 = 0 AS leaves FROM range({IDS}) AS ids(i)"
    columns = f"{key.format('id')} AS key, target, TIMESTAMPTZ '2026-01-02 00:00:00+00' + to_microseconds(second - 2)"
    index = f"SELECT {columns} AS last_seen, opted_out FROM entries WHERE id % 2 = "
    with duckdb.connect() as session:
        session.register("entries", entries)
        for name, query in {
            "asked": asked,
            "index-0": f"{index} 0",
            "index-1": f"{index} 1",
            "barred": "SELECT DISTINCT target FROM entries WHERE id % 11 = 0",
        }.items():
            session.execute(f"COPY ({query}) TO {literal(str(directory / f'{name}.parquet'))} (FORMAT parquet)")
    return directory


def answers(join: Join, name: str, relations: Relations, asked: Path, question: Question) -> list[list[Answer]]:
    paths = [asked.with_name(f"{name}-{part}.parquet") for part in ("found", "missed")]
    with relations.session() as session:
        session.view("first", files([asked], ASKED))
        join.find(session, question, *paths)
    tables = [pq.read_table(path) for path in paths]
    for path in paths:
        path.unlink()
    return [sorted(zip(*(column.to_pylist() for column in table.columns), strict=True)) for table in tables]


def asking(directory: Path, partition: Partition) -> Path:
    """File of the ids of a partition."""
    asked = directory / f"asked-{partition.bits}.parquet"
    ids = f"FROM read_parquet({literal(str(directory / 'asked.parquet'))}) WHERE {partition.holds('key')}"
    duckdb.execute(f"COPY ({ids}) TO {literal(str(asked))} (FORMAT parquet)")
    return asked


@pytest.mark.parametrize("policy", list(CandidatePolicy))
@pytest.mark.parametrize("narrow", [False, True])
def test_spark_says_what_duckdb_says(directory, tmp_path, spark_join, policy, narrow):
    partition, oldest = (Partition(1, 1), TIES) if narrow else (Partition(), None)
    asked = asking(directory, partition)
    question = Question(
        entries=[directory / "index-0.parquet", directory / "index-1.parquet", directory / "index-2.parquet"],
        partition=partition,
        policy=policy,
        oldest=oldest,
        barred=directory / "barred.parquet",
        too_many_people=3,
    )
    with Relations(tmp_path, QueryLimits(threads=1)) as relations:
        found, missed = answers(DuckDBJoin(), "duckdb", relations, asked, question)
        assert [found, missed] == answers(spark_join, "spark", relations, asked, question)
    assert {row for row, *_ in found} | {row for row, _ in missed} == set(pq.read_table(asked)["row"].to_pylist())
    assert len({reason for _, reason in missed}) == 3 + (oldest is not None) + (policy is CandidatePolicy.REJECT)
