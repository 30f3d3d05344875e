"""The ledger enters each chunk once, in order, for as many as write to it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.sdk import Permanent
from audience_gateway.storage.database import connect
from audience_gateway.storage.schema import METADATA
from audience_gateway.streams.model import Chunk, StreamState
from audience_gateway.streams.refusals import ChunkChanged, CountsDiffer, OutOfSequence
from audience_gateway.streams.stream_ledger import StreamLedger
from audience_gateway.transfers.model import AudienceRef, GuardLimits, Priority, ShareRequest, StreamRef

STREAM = "s-1"
REQUEST = ShareRequest(
    source=StreamRef(STREAM),
    destination=AudienceRef("corner", "list"),
    data_source="cards",
    guard=GuardLimits(7, 0.5),
    priority=Priority.HIGH,
    deadline=datetime(2027, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
    request_id="r-1",
)


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StreamLedger]:
    """A ledger with an open stream, in either database."""
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'gateway.db'}"
    engine: sa.Engine = connect(url)
    METADATA.create_all(engine)
    made = StreamLedger(engine)
    made.open(STREAM, REQUEST)
    yield made
    engine.dispose()


def chunk(sequence: int, content: str = "a", rows: int = 10) -> Chunk:
    return Chunk(sequence, rows, f"{content}{sequence}")


def test_a_stream_is_found_again_as_it_was_opened(ledger: StreamLedger) -> None:
    again = ledger.open(STREAM, REQUEST)

    assert (again.request, again.state, again.chunks, again.rows) == (REQUEST, StreamState.OPEN, 0, 0)


def test_chunks_are_counted(ledger: StreamLedger) -> None:
    ledger.keep(STREAM, [chunk(1), chunk(2)])
    ledger.keep(STREAM, [chunk(3, rows=5)])

    stream = ledger.stream(STREAM)
    assert stream is not None
    assert (stream.chunks, stream.rows) == (3, 25)
    assert ledger.chunk(STREAM, 3) == chunk(3, rows=5)
    assert ledger.chunk(STREAM, 4) is None


def test_chunks_that_come_again_are_counted_once(ledger: StreamLedger) -> None:
    ledger.keep(STREAM, [chunk(1), chunk(2)])
    ledger.keep(STREAM, [chunk(2), chunk(3)])

    stream = ledger.stream(STREAM)
    assert stream is not None
    assert (stream.chunks, stream.rows) == (3, 30)


def test_if_one_chunk_cannot_be_kept_none_is(ledger: StreamLedger) -> None:
    ledger.keep(STREAM, [chunk(1)])

    with pytest.raises(ChunkChanged):
        ledger.keep(STREAM, [chunk(1, "b"), chunk(2)])
    with pytest.raises(OutOfSequence) as gap:
        ledger.keep(STREAM, [chunk(3)])

    assert gap.value.expected == 2
    assert ledger.chunk(STREAM, 2) is None


def test_many_that_write_the_same_chunks_at_once_enter_each_once(ledger: StreamLedger) -> None:
    def write(_: int) -> None:
        for number in range(1, 21):
            ledger.keep(STREAM, [chunk(number)])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))

    stream = ledger.stream(STREAM)
    assert stream is not None
    assert (stream.chunks, stream.rows) == (20, 200)


def test_a_stream_ends_with_what_it_has_and_stays_ended(ledger: StreamLedger) -> None:
    ledger.keep(STREAM, [chunk(1)])

    with pytest.raises(CountsDiffer) as differ:
        ledger.end(STREAM, chunks=1, rows=11)
    assert (differ.value.chunks, differ.value.rows) == (1, 10)
    for _ in range(2):
        assert ledger.end(STREAM, chunks=1, rows=10).state is StreamState.ENDED
    with pytest.raises(Permanent, match="the stream has ended"):
        ledger.keep(STREAM, [chunk(2)])
    ledger.keep(STREAM, [chunk(1)])


def test_streams_that_nobody_goes_on_with_are_found_and_forgotten(ledger: StreamLedger) -> None:
    ledger.keep(STREAM, [chunk(1)])
    now = datetime.now(UTC)

    assert ledger.abandoned(now - timedelta(minutes=1)) == []
    assert ledger.abandoned(now + timedelta(minutes=1)) == [STREAM]
    ledger.forget(STREAM)
    assert ledger.stream(STREAM) is None
    assert ledger.chunk(STREAM, 1) is None


def test_a_stream_that_has_ended_is_not_abandoned(ledger: StreamLedger) -> None:
    ledger.end(STREAM, chunks=0, rows=0)

    assert ledger.abandoned(datetime.now(UTC) + timedelta(minutes=1)) == []
