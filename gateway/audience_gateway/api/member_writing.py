"""WriteMembers: takes a stream of members in, and acknowledges what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial

from audience_gateway.api import decode, encode, members, validation
from audience_gateway.api.ending import until
from audience_gateway.api.refusals import Draining, FieldViolation, InvalidRequest
from audience_gateway.plugins.connections import Connections
from audience_gateway.streams.intake import Intake
from audience_gateway.streams.member_streams import MemberStreams
from audience_gateway.streams.model import Chunk
from audience_gateway.streams.refusals import CountsDiffer
from audience_gateway.v1 import audience_service_pb2 as messages

Requests = AsyncIterator[messages.WriteMembersRequest]


class MemberWriting:
    """Takes streams of members in.

    Args:
        streams: the streams of the gateway.
        connections: the configured connections.
        draining: is set when the server drains; streams then end behind what was sent so far.
    """

    def __init__(self, streams: MemberStreams, connections: Connections, draining: asyncio.Event) -> None:
        self._streams = streams
        self._connections = connections
        self._draining = draining

    async def write(self, requests: Requests) -> AsyncIterator[messages.WriteMembersResponse]:
        """The answers to one connection's messages.

        Whatever ends the connection, the chunks before it are kept and acknowledged first.
        """
        following = until(self._draining, requests)
        request = decode.stream_request(await _opening(following))
        self._connections.spec(request.destination.connection)
        async with self._streams.open(request) as intake:
            yield self._opened(intake)
            reading = asyncio.ensure_future(self._read(following, intake))
            try:
                async with aclosing(intake.kept()) as kept:
                    async for chunks in kept:
                        for chunk in chunks:
                            yield await _acknowledged(chunk)
                end = await reading
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
            if end is not None:
                yield await self._ended(intake.stream.id, end)

    async def _read(self, requests: Requests, intake: Intake) -> messages.EndMemberStream | None:
        """Takes chunks in until the end, and answers it; None if the caller leaves without one."""
        try:
            async for request in requests:
                match request.WhichOneof("message"):
                    case "chunk":
                        self._take(request.chunk, intake)
                    case "end":
                        validation.check(request.end, "end")
                        return request.end
                    case _:
                        raise InvalidRequest.of("message", "behind `open`, allowed: `chunk` and `end`")
                if self._draining.is_set():  # also while messages come without a pause
                    raise Draining
            return None
        finally:
            intake.finish()

    def _take(self, chunk: messages.MemberChunk, intake: Intake) -> None:
        # By hand: the rules of the proto would be held against each of its lengths.
        if chunk.sequence < 1:
            raise InvalidRequest.of("chunk.sequence", "must be greater than or equal to 1")
        most = self._streams.limits.chunk_rows
        intake.take(chunk.sequence, partial(members.decode, chunk.members, "chunk.members", most))

    def _opened(self, intake: Intake) -> messages.WriteMembersResponse:
        return messages.WriteMembersResponse(
            opened=messages.MemberStreamOpened(
                stream=str(intake.stream.request.source),
                last_sequence=intake.stream.chunks,
                window=self._streams.limits.window,
                max_chunk_rows=self._streams.limits.chunk_rows,
            )
        )

    async def _ended(self, stream: str, end: messages.EndMemberStream) -> messages.WriteMembersResponse:
        try:
            transfer = await self._streams.end(stream, chunks=end.last_sequence, rows=end.rows)
        except CountsDiffer as differ:
            raise InvalidRequest(tuple(_differing(end, differ))) from differ
        return messages.WriteMembersResponse(ended=messages.MemberStreamEnded(transfer=encode.transfer(transfer)))


async def _opening(requests: Requests) -> messages.OpenMemberStream:
    async for request in requests:
        if not request.HasField("open"):
            break
        validation.check(request.open, "open")
        return request.open
    raise InvalidRequest.of("message", "the first one must be `open`")


async def _acknowledged(chunk: Chunk) -> messages.WriteMembersResponse:
    if chunk.rejected:  # may be as many as the chunk has rows
        return await asyncio.to_thread(_acknowledgement, chunk)
    return _acknowledgement(chunk)


def _acknowledgement(chunk: Chunk) -> messages.WriteMembersResponse:
    response = messages.WriteMembersResponse()
    acknowledged = response.acknowledged
    acknowledged.sequence = chunk.sequence
    acknowledged.accepted = chunk.rows - len(chunk.rejected)
    for row in chunk.rejected:
        acknowledged.rejected.add(index=row.index, reason=row.reason)
    return response


def _differing(end: messages.EndMemberStream, kept: CountsDiffer) -> list[FieldViolation]:
    counts = {"last_sequence": (end.last_sequence, kept.chunks), "rows": (end.rows, kept.rows)}
    return [
        FieldViolation(f"end.{name}", f"found {found}, and {here} are kept")
        for name, (found, here) in counts.items()
        if found != here
    ]
