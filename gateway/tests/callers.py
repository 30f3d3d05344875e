"""Callers of WriteMembers: they open a stream, send chunks of packed ids, and look at the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import grpc.aio
from audience_gateway.server.core import Core
from audience_gateway.storage.database import connect
from audience_gateway.storage.schema import METADATA
from audience_gateway.streams.chunk_files import ChunkFiles
from audience_gateway.streams.kept_streams import KeptStreams
from audience_gateway.streams.member_streams import IntakeLimits, MemberStreams
from audience_gateway.streams.model import stream_id
from audience_gateway.streams.stream_ledger import StreamLedger
from audience_gateway.v1 import audience_service_pb2 as messages
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.members_pb2 import Members, PackedMembers
from loopback import core

REQUEST_ID = "0b7f5c1e-6a52-4d8e-9d57-2f3a1c4b5d6e"
LIMITS = IntakeLimits(window=3, chunk_rows=4)


def opening(**changes: object) -> messages.OpenMemberStream:
    """Opens a stream of cards into a list of the shop at the corner."""
    fields: dict[str, object] = {
        "destination": "connections/corner/audiences/list-1",
        "data_source": "dataSources/cards",
        "request_id": REQUEST_ID,
    }
    return messages.OpenMemberStream(**{**fields, **changes})


def chunk(sequence: int, *ids: str) -> messages.MemberChunk:
    """A chunk of packed ids."""
    encoded = [one.encode() for one in ids]
    packed = PackedMembers(ids=b"".join(encoded), lengths=[len(one) for one in encoded])
    return messages.MemberChunk(sequence=sequence, members=Members(packed=packed))


@dataclass
class Caller:
    """One connection to a stream."""

    call: grpc.aio.StreamStreamCall[messages.WriteMembersRequest, messages.WriteMembersResponse]

    async def open(self, **changes: object) -> messages.MemberStreamOpened:
        """Opens the stream."""
        await self.call.write(messages.WriteMembersRequest(open=opening(**changes)))
        return (await self._answer()).opened

    async def send(self, *chunks: messages.MemberChunk) -> None:
        """Sends chunks and waits for nothing."""
        for one in chunks:
            await self.call.write(messages.WriteMembersRequest(chunk=one))

    async def acknowledged(self) -> messages.MemberChunkAcknowledged:
        """The next acknowledgement."""
        return (await self._answer()).acknowledged

    async def write(self, *chunks: messages.MemberChunk) -> list[messages.MemberChunkAcknowledged]:
        """Sends chunks, each when the one before it is acknowledged."""
        acknowledgements = []
        for one in chunks:
            await self.send(one)
            acknowledgements.append(await self.acknowledged())
        return acknowledgements

    async def end(self, last_sequence: int, rows: int) -> messages.MemberStreamEnded:
        """Ends the stream."""
        end = messages.EndMemberStream(last_sequence=last_sequence, rows=rows)
        await self.call.write(messages.WriteMembersRequest(end=end))
        return (await self._answer()).ended

    async def refused(self) -> grpc.aio.AioRpcError:
        """The error that ends the connection; acknowledgements before it are passed over."""
        try:
            while await self.call.read() is not grpc.aio.EOF:
                pass
        except grpc.aio.AioRpcError as error:
            return error
        raise AssertionError("the connection ended well")

    async def _answer(self) -> messages.WriteMembersResponse:
        answer = await self.call.read()
        assert isinstance(answer, messages.WriteMembersResponse), "the connection has ended"
        return answer


def caller(channel: grpc.aio.Channel) -> Caller:
    """A caller that has sent nothing yet."""
    return Caller(AudienceServiceStub(channel).WriteMembers(timeout=60))


@asynccontextmanager
async def streaming_core(state: Path, limits: IntakeLimits = LIMITS) -> AsyncIterator[Core]:
    """A core that keeps its streams in a directory, which another one may go on with."""
    made = core()
    database = connect(f"sqlite:///{state / 'gateway.db'}")
    METADATA.create_all(database)
    streams = MemberStreams(
        StreamLedger(database), ChunkFiles(state / "streams"), made.connections, made.transfers, limits
    )
    try:
        yield replace(made, streams=streams)
    finally:
        streams.close()
        database.dispose()


async def ids_of(state: Path) -> list[str | None]:
    """All ids of the stream that is kept in a directory, as a transfer reads them."""
    database = connect(f"sqlite:///{state / 'gateway.db'}")
    streams = KeptStreams(StreamLedger(database), ChunkFiles(state / "streams"))
    try:
        pages = [page.members.columns.column("id") async for page in streams.pages(stream_id(REQUEST_ID), None)]
        return [one for ids in pages for one in ids.to_pylist()]
    finally:
        database.dispose()
