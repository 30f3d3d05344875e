"""WriteMembers over real connections: what is acknowledged is kept, and a broken connection loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio
import pytest
from audience_gateway.server.app import App
from audience_gateway.server.core import Core
from audience_gateway.streams.model import stream_id
from audience_gateway.transfers.model import AudienceRef, StreamRef, TransferMode
from audience_gateway.v1 import audience_service_pb2 as messages
from audience_gateway.v1 import transfer_pb2
from callers import LIMITS, REQUEST_ID, caller, chunk, ids_of, streaming_core
from google.rpc import error_details_pb2
from loopback import Transfers, detail, refusal, serving

STREAM = stream_id(REQUEST_ID)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Core]:
    """A core with streams of its own."""
    async with streaming_core(tmp_path) as core:
        yield core


def fields(error: grpc.aio.AioRpcError) -> dict[str, str]:
    """The fields that a request was refused for."""
    return {one.field: one.description for one in detail(error, error_details_pb2.BadRequest()).field_violations}


async def test_a_stream_says_its_name_and_how_much_it_takes(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        opened = await caller(channel).open()

    assert opened == messages.MemberStreamOpened(
        stream=f"streams/{STREAM}", last_sequence=0, window=LIMITS.window, max_chunk_rows=LIMITS.chunk_rows
    )


async def test_chunks_are_kept_and_their_rows_told_that_are_no_members(kept: Core, tmp_path: Path) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        first, second = await writing.write(chunk(1, "a", "torn", ""), chunk(2, "b"))

    assert (first.sequence, first.accepted) == (1, 1)
    assert [(row.index, row.reason) for row in first.rejected] == [(1, "invalid_id"), (2, "no_id")]
    assert (second.sequence, second.accepted, len(second.rejected)) == (2, 1, 0)
    assert await ids_of(tmp_path) == ["a", "torn", None, "b"]


async def test_the_end_starts_a_transfer_of_the_stream(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        await writing.write(chunk(1, "a", "b"), chunk(2, "c"))
        ended = await writing.end(2, 3)

    assert isinstance(kept.transfers, Transfers)
    [started] = kept.transfers.started
    assert (started.source, started.destination) == (StreamRef(STREAM), AudienceRef("corner", "list-1"))
    assert (started.mode, started.request_id) == (TransferMode.ADD_ONLY, REQUEST_ID)
    assert ended.transfer.name == "transfers/t-1"


async def test_a_stream_replaces_if_it_is_asked_to(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open(mode=transfer_pb2.TRANSFER_MODE_REPLACE)
        await writing.end(0, 0)

    assert isinstance(kept.transfers, Transfers)
    assert [request.mode for request in kept.transfers.started] == [TransferMode.REPLACE]


async def test_after_a_cut_connection_the_stream_goes_on_behind_the_last_acknowledged_chunk(
    kept: Core, tmp_path: Path
) -> None:
    async with serving(kept) as (_, channel):
        cut = caller(channel)
        await cut.open()
        await cut.write(chunk(1, "a"), chunk(2, "b"))
        cut.call.cancel()

        again = caller(channel)
        assert (await again.open()).last_sequence == 2
        await again.write(chunk(3, "c"))

    assert await ids_of(tmp_path) == ["a", "b", "c"]


async def test_another_gateway_on_the_same_state_goes_on_with_the_stream(tmp_path: Path) -> None:
    async with streaming_core(tmp_path) as core, serving(core) as (_, channel):
        writing = caller(channel)
        await writing.open()
        await writing.write(chunk(1, "a"))

    async with streaming_core(tmp_path) as core, serving(core) as (_, channel):
        again = caller(channel)
        assert (await again.open()).last_sequence == 1
        await again.write(chunk(2, "b"))
        await again.end(2, 2)
        assert await ids_of(tmp_path) == ["a", "b"]


async def test_two_connections_may_send_the_same_chunks(kept: Core, tmp_path: Path) -> None:
    async with serving(kept) as (_, channel):
        one, other = caller(channel), caller(channel)
        await one.open()
        await other.open()
        chunks = [chunk(number, f"id-{number}") for number in range(1, 20)]
        await asyncio.gather(one.write(*chunks), other.write(*chunks))

    assert await ids_of(tmp_path) == [f"id-{number}" for number in range(1, 20)]


async def test_a_chunk_that_is_kept_is_acknowledged_again_as_it_was(kept: Core, tmp_path: Path) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        first, again = await writing.write(chunk(1, "a", "torn"), chunk(1, "a", "torn"))

    assert again == first
    assert await ids_of(tmp_path) == ["a", "torn"]


async def test_another_chunk_under_the_number_of_a_kept_one_is_refused(kept: Core, tmp_path: Path) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        await writing.write(chunk(1, "a"))
        await writing.send(chunk(1, "b"))
        code, reason, _ = refusal(await writing.refused())

    assert (code, reason) == (grpc.StatusCode.ALREADY_EXISTS, "CHUNK_CHANGED")
    assert await ids_of(tmp_path) == ["a"]


async def test_a_gap_is_refused_and_says_which_chunk_is_expected(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        await writing.send(chunk(1, "a"), chunk(3, "c"))
        assert (await writing.acknowledged()).sequence == 1
        code, reason, info = refusal(await writing.refused())

    assert (code, reason, info.metadata["expected"]) == (grpc.StatusCode.OUT_OF_RANGE, "SEQUENCE", "2")


async def test_another_payload_under_the_same_request_id_is_refused(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        await caller(channel).open()
        other = caller(channel)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await other.open(mode=transfer_pb2.TRANSFER_MODE_REPLACE)

    assert refusal(error.value)[1] == "REQUEST_ID_REUSED"


async def test_the_same_request_id_in_capitals_is_the_same(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        opened = [await caller(channel).open(), await caller(channel).open(request_id=REQUEST_ID.upper())]

    assert opened[0] == opened[1]


@pytest.mark.parametrize(("last", "rows", "wrong"), [(1, 1, "end.rows"), (2, 2, "end.last_sequence")])
async def test_an_end_with_other_counts_is_refused_and_the_stream_stays_open(
    kept: Core, last: int, rows: int, wrong: str
) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        await writing.write(chunk(1, "a", "b"))
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await writing.end(last, rows)
        again = caller(channel)
        await again.open()
        await again.write(chunk(2, "c"))

    assert list(fields(error.value)) == [wrong]


async def test_a_stream_that_is_ended_again_has_the_same_transfer_and_takes_no_more_chunks(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        for _ in range(2):
            writing = caller(channel)
            await writing.open()
            await writing.write(chunk(1, "a"))
            await writing.end(1, 1)
        late = caller(channel)
        await late.open()
        await late.send(chunk(2, "b"))
        error = await late.refused()

    assert isinstance(kept.transfers, Transfers)
    assert len(set(kept.transfers.started)) == 1
    assert refusal(error)[1] == "PERMANENT"
    assert "the stream has ended" in (error.details() or "")


async def test_the_first_message_must_open_the_stream(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.send(chunk(1, "a"))
        error = await writing.refused()

    assert fields(error) == {"message": "the first one must be `open`"}


async def test_a_stream_is_opened_once_a_connection(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await writing.open()

    assert fields(error.value) == {"message": "behind `open`, allowed: `chunk` and `end`"}


@pytest.mark.parametrize("wrong", ["destination", "data_source", "request_id"])
async def test_an_opening_that_breaks_a_rule_is_refused_by_its_field(kept: Core, wrong: str) -> None:
    async with serving(kept) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await caller(channel).open(**{wrong: "?"})

    assert list(fields(error.value)) == [f"open.{wrong}"]


async def test_names_that_are_not_configured_are_refused_before_anything_is_sent(kept: Core) -> None:
    wrong = {"destination": "connections/moon/audiences/a", "data_source": "dataSources/moon"}
    async with serving(kept) as (_, channel):
        for field, name in wrong.items():
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await caller(channel).open(**{field: name})
            assert refusal(error.value)[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_a_chunk_that_cannot_be_read_ends_the_connection_behind_those_before_it(
    kept: Core, tmp_path: Path
) -> None:
    broken = chunk(2, "abc")
    broken.members.packed.lengths[0] = 2
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        await writing.send(chunk(1, "a"), broken)
        assert (await writing.acknowledged()).sequence == 1
        error = await writing.refused()

    assert list(fields(error)) == ["chunk.members.packed.lengths"]
    assert await ids_of(tmp_path) == ["a"]


async def test_a_chunk_without_a_number_is_refused(kept: Core) -> None:
    async with serving(kept) as (_, channel):
        writing = caller(channel)
        await writing.open()
        await writing.send(chunk(0, "a"))
        error = await writing.refused()

    assert list(fields(error)) == ["chunk.sequence"]


async def test_when_the_server_drains_what_was_sent_is_acknowledged_before_the_connection_ends(
    kept: Core, tmp_path: Path
) -> None:
    async with serving(kept) as (app, channel):
        writing = caller(channel)
        await writing.open()
        await writing.write(chunk(1, "a"))
        draining = asyncio.ensure_future(drained(app))
        error = await writing.refused()
        await draining

    assert refusal(error)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert await ids_of(tmp_path) == ["a"]


async def test_a_caller_that_never_pauses_does_not_hold_up_the_end_of_the_server(kept: Core) -> None:
    async with serving(kept) as (app, channel):
        writing = caller(channel)
        await writing.open()
        await writing.write(chunk(1, "a"))
        app.draining.set()
        with pytest.raises((grpc.aio.AioRpcError, AssertionError)):
            await writing.write(*(chunk(number, "a") for number in range(2, 1000)))
        again = caller(channel)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await again.open()

    assert refusal(error.value)[1] == "DRAINING"


async def drained(app: App) -> None:
    """Tells the server to end."""
    await app.drain(10)
