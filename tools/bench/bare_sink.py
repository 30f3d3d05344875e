"""The comparison: a bare grpc.aio server that parses each message of WriteMembers, acknowledges it, and forgets it.

usage: bare_sink.py; prints its port, then serves until it is ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc.aio
from audience_gateway.v1 import audience_service_pb2 as messages
from audience_gateway.v1 import audience_service_pb2_grpc

_MOST_BYTES = 48 * 1024 * 1024


class _Sink(audience_service_pb2_grpc.AudienceServiceServicer):
    async def WriteMembers(  # noqa: N802  # named by the proto
        self, request_iterator: AsyncIterator[messages.WriteMembersRequest], context: object
    ) -> AsyncIterator[messages.WriteMembersResponse]:
        del context
        async for request in request_iterator:
            match request.WhichOneof("message"):
                case "open":
                    yield messages.WriteMembersResponse(
                        opened=messages.MemberStreamOpened(window=8, max_chunk_rows=131_072)
                    )
                case "chunk":
                    yield messages.WriteMembersResponse(
                        acknowledged=messages.MemberChunkAcknowledged(sequence=request.chunk.sequence)
                    )
                case _:
                    yield messages.WriteMembersResponse(ended=messages.MemberStreamEnded())


async def _serve() -> None:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", _MOST_BYTES)])
    audience_service_pb2_grpc.add_AudienceServiceServicer_to_server(_Sink(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve())
