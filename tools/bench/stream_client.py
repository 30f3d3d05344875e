"""Writes members by WriteMembers as fast as the window lets it.

usage: stream_client.py ADDRESS ROWS; the members have ids of 38 digits, no two the same. Prints the seconds from
opening the stream to the answer to its end, and the transfer.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Iterator
from typing import TypeAlias

import grpc.aio
import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.v1 import audience_service_pb2 as messages
from audience_gateway.v1 import audience_service_pb2_grpc
from made_ids import make_ids

Call: TypeAlias = "grpc.aio.StreamStreamCall[messages.WriteMembersRequest, messages.WriteMembersResponse]"


def chunk(ids: pa.StringArray, sequence: int) -> messages.WriteMembersRequest:
    """A message with a slice of the column: its bytes as they are, and its lengths."""
    request = messages.WriteMembersRequest()
    request.chunk.sequence = sequence
    packed = request.chunk.members.packed
    offsets = memoryview(ids.buffers()[1]).cast("i")[ids.offset : ids.offset + len(ids) + 1]
    packed.ids = memoryview(ids.buffers()[2])[offsets[0] : offsets[-1]].tobytes()
    packed.lengths.extend(memoryview(pc.binary_length(ids).buffers()[1]).cast("i")[: len(ids)])
    return request


def chunks(ids: pa.StringArray, rows: int) -> Iterator[messages.WriteMembersRequest]:
    """The whole column as messages."""
    for sequence, start in enumerate(range(0, len(ids), rows), 1):
        yield chunk(ids.slice(start, rows), sequence)


async def write(address: str, ids: pa.StringArray) -> tuple[float, str]:
    """Writes the column and answers the seconds that it took, and the transfer."""
    opening = messages.OpenMemberStream(
        destination="connections/lists/audiences/streamed.csv",
        data_source="dataSources/visitor",
        request_id=str(uuid.uuid4()),
    )
    async with grpc.aio.insecure_channel(address) as channel:
        await channel.channel_ready()
        began = time.perf_counter()
        call = audience_service_pb2_grpc.AudienceServiceStub(channel).WriteMembers()
        await call.write(messages.WriteMembersRequest(open=opening))
        opened = (await call.read()).opened
        window = asyncio.Semaphore(opened.window)
        answers = asyncio.ensure_future(_answers(call, window))
        last = 0
        for request in chunks(ids, opened.max_chunk_rows):
            await window.acquire()
            await call.write(request)
            last = request.chunk.sequence
        await call.write(messages.WriteMembersRequest(end=messages.EndMemberStream(last_sequence=last, rows=len(ids))))
        await call.done_writing()
        acknowledged, transfer = await answers
        seconds = time.perf_counter() - began
    if acknowledged != last:
        raise SystemExit(f"of {last} chunks {acknowledged} were acknowledged")
    return seconds, transfer


async def _answers(call: Call, window: asyncio.Semaphore) -> tuple[int, str]:
    acknowledged = 0
    while (response := await call.read()) is not grpc.aio.EOF:
        if response.HasField("ended"):
            return acknowledged, response.ended.transfer.name
        acknowledged = response.acknowledged.sequence
        window.release()
    raise SystemExit("the stream ended without its end")


if __name__ == "__main__":
    print(*asyncio.run(write(sys.argv[1], make_ids(int(sys.argv[2])))))
