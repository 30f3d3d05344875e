from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from audience_gateway.jobs.engine import Stopped
from audience_gateway.storage.relations import QueryLimits, Relations

SCHEMA = pa.schema([("n", pa.int64())])


class Busy:
    """A query in a thread of its own that goes on until it is let go."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self._reading, self._let_go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        self._reading.wait()

    def end(self) -> None:
        self._let_go.set()
        self._thread.join()

    def _run(self) -> None:
        with self._relations.session() as session:
            session._connection.register("slow", pa.RecordBatchReader.from_batches(SCHEMA, self._batches()))
            session.rows("SELECT count(*) FROM slow")

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self._reading.set()
        self._let_go.wait()
        yield pa.RecordBatch.from_pydict({"n": [1]}, SCHEMA)


@pytest.fixture
def relations(tmp_path: Path) -> Relations:
    return Relations(tmp_path / "scratch", QueryLimits("256MB", 1))


@pytest.fixture
def busy(relations: Relations) -> Iterator[Busy]:
    query = Busy(relations)
    query.start()
    yield query
    query.end()


def stop(relations: Relations) -> None:
    """Is stopped while it uses relations, as a job is."""
    with relations:
        raise Stopped


def test_a_job_that_is_stopped_during_a_query_is_stopped_and_has_not_failed(relations, busy):
    with pytest.raises(Stopped):
        stop(relations)
