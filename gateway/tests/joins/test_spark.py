"""Spark is there when the settings ask for it, or the gateway says at once what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from audience_gateway.identity.duckdb_join import DuckDBJoin
from audience_gateway.identity.joining import ASKED, Question
from audience_gateway.identity.partitions import Partition
from audience_gateway.sdk import CandidatePolicy, ConfigError, Transient
from audience_gateway.server.join_choice import chosen_join
from audience_gateway.server.settings import TransferSettings
from audience_gateway.storage.relations import QueryLimits, Relations, files

SPARK = TransferSettings.model_validate({"join": "spark", "spark": {"master": "local[1]"}})


async def refusal(scratch: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        async with chosen_join(SPARK, scratch):
            pass
    return str(caught.value)


async def test_without_pyspark_the_remedy_is_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert await refusal(tmp_path) == (
        'transfers.join: pyspark is not installed Install it: pip install "audience-gateway[spark]".'
    )


@pytest.mark.parametrize(("variable", "where"), [("JAVA_HOME", "in JAVA_HOME"), ("PATH", "on the path")])
async def test_without_java_the_remedy_is_java(tmp_path, monkeypatch, variable, where):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    assert await refusal(tmp_path) == (
        f"transfers.join: there is no `java` {where}, which Spark needs "
        "Install Java 17 or later, and let JAVA_HOME say where it is."
    )


async def test_unless_it_is_asked_for_duckdb_joins(tmp_path):
    async with chosen_join(TransferSettings(), tmp_path) as join:
        assert isinstance(join, DuckDBJoin)


def test_the_gateway_does_not_import_pyspark_unless_it_is_asked_for():
    program = "import sys, audience_gateway.server.join_choice; print('pyspark' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert told.stdout == "False\n"


def test_what_spark_cannot_read_is_told_without_its_content_and_leaves_no_answer(tmp_path, spark_join):
    broken = tmp_path / "index.parquet"
    broken.write_bytes(b"PAR1 jo@example.org PAR1")
    question = Question(
        entries=[broken], partition=Partition(), policy=CandidatePolicy.ALL, oldest=None, barred=tmp_path / "no"
    )
    with Relations(tmp_path / "scratch", QueryLimits()) as relations, relations.session() as session:
        session.view("first", files([], ASKED))
        with pytest.raises(Transient) as caught:
            spark_join.find(session, question, tmp_path / "found.parquet", tmp_path / "missed.parquet")
    assert str(caught.value).startswith("transfers.spark: Spark failed: ")
    assert "jo@" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert {path.name for path in tmp_path.iterdir()} == {"index.parquet", "scratch"}
