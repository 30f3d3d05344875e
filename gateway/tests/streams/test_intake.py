"""Chunks are worked on side by side, and kept in their order or not at all."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from audience_gateway.sdk import DataSource, MemberBatch
from audience_gateway.storage.database import connect
from audience_gateway.storage.schema import METADATA
from audience_gateway.streams.checks import RowCheck
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.intake import Intake
from audience_gateway.streams.model import Chunk
from audience_gateway.streams.refusals import OutOfSequence, WindowExceeded
from audience_gateway.streams.stream_ledger import StreamLedger
from audience_gateway.transfers.model import AudienceRef, ShareRequest, StreamRef
from loopback import Card

STREAM = "s-1"
REQUEST = ShareRequest(source=StreamRef(STREAM), destination=AudienceRef("corner", "list"), data_source="cards")


@pytest.fixture
def database(tmp_path: Path) -> sa.Engine:
    engine = connect(f"sqlite:///{tmp_path / 'gateway.db'}")
    METADATA.create_all(engine)
    return engine


@pytest.fixture
async def intake(tmp_path: Path, database: sa.Engine) -> AsyncIterator[Intake]:
    """An intake of two chunks at a time."""
    ledger = StreamLedger(database)
    with ThreadPoolExecutor(2) as workers:
        made = Intake(
            ledger.open(STREAM, REQUEST),
            window=2,
            check=RowCheck(Card(), DataSource(name="cards", id_type="card")),
            files=ChunkFiles(tmp_path / "streams"),
            ledger=ledger,
            workers=workers,
        )
        yield made
        await made.close()


def members(*ids: str) -> MemberBatch:
    return MemberBatch.of(ids)


async def numbers(intake: Intake) -> list[int]:
    return [chunk.sequence async for chunks in intake.kept() for chunk in chunks]


async def test_a_chunk_that_is_ready_early_waits_for_the_one_before_it(intake: Intake) -> None:
    second_is_ready = threading.Event()

    def first() -> MemberBatch:
        assert second_is_ready.wait(30)
        return members("a")

    def second() -> MemberBatch:
        second_is_ready.set()
        return members("b")

    intake.take(1, first)
    intake.take(2, second)
    intake.finish()

    assert await numbers(intake) == [1, 2]


async def test_no_more_chunks_are_taken_than_the_window_has(intake: Intake) -> None:
    go_on = threading.Event()

    def slow() -> MemberBatch:
        assert go_on.wait(30)
        return members("a")

    intake.take(1, slow)
    intake.take(2, slow)
    with pytest.raises(WindowExceeded):
        intake.take(3, slow)

    go_on.set()
    intake.finish()
    assert await numbers(intake) == [1, 2]


async def test_behind_a_chunk_that_fails_nothing_is_kept(intake: Intake, database: sa.Engine) -> None:
    def broken() -> MemberBatch:
        raise ValueError("no members")

    intake.take(1, broken)
    intake.take(2, lambda: members("b"))
    intake.finish()

    with pytest.raises(ValueError, match="no members"):
        await numbers(intake)
    await intake.close()
    assert replace(intake.stream, chunks=0) == StreamLedger(database).stream(STREAM)


async def test_a_gap_is_refused(intake: Intake) -> None:
    with pytest.raises(OutOfSequence) as refusal:
        intake.take(2, lambda: members("b"))
    assert refusal.value.expected == 1


async def test_what_was_written_and_not_entered_may_come_again_with_another_content(
    intake: Intake, tmp_path: Path
) -> None:
    files = ChunkFiles(tmp_path / "streams")
    files.write(STREAM, Chunk(1, 1, "f" * 64), members("written by a gateway that was killed"))

    intake.take(1, lambda: members("a"))
    intake.finish()

    [[chunk]] = [chunks async for chunks in intake.kept()]
    assert files.read(STREAM, chunk).columns == members("a").columns
