"""Writes members by WriteMembers, over as many connections as it takes."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import grpc

from audience_gateway.api import packed
from audience_gateway.cli.client import Client
from audience_gateway.cli.errors import CommandError
from audience_gateway.cli.patience import Patience
from audience_gateway.sdk import MemberBatch
from audience_gateway.v1 import audience_service_pb2 as messages
from audience_gateway.v1 import members_pb2, transfer_pb2


class MemberStream:
    """One stream, from its opening to its end.

    Args:
        client: the gateway.
        opening: opens the stream, and goes on with it.
        members: the members, in chunks of so many rows; the same ones whenever it is called.

    Attributes:
        rejected: rows that are no members, by reason; of the chunks that this process has sent.
    """

    def __init__(
        self,
        client: Client,
        opening: messages.OpenMemberStream,
        members: Callable[[int], Iterator[MemberBatch]],
    ) -> None:
        self.rejected: Counter[str] = Counter()
        self._client = client
        self._opening = opening
        self._members = members
        self._chunks: Iterator[MemberBatch] | None = None
        self._under_way: deque[messages.WriteMembersRequest] = deque()
        self._taken = 0
        self._rows = 0
        self._end: messages.WriteMembersRequest | None = None

    def write(self) -> transfer_pb2.Transfer:
        """Writes all members, going on behind what is kept whenever the connection breaks; answers the transfer.

        Raises CommandError, and what the gateway refuses.
        """
        patience = Patience()
        while True:
            try:
                return self._connect(patience)
            except grpc.RpcError as error:
                patience.wait(error)

    def _connect(self, patience: Patience) -> transfer_pb2.Transfer:
        outgoing: SimpleQueue[messages.WriteMembersRequest | None] = SimpleQueue()
        outgoing.put(messages.WriteMembersRequest(open=self._opening))
        window = 0
        try:
            for response in self._client.audiences.WriteMembers(iter(outgoing.get, None)):
                patience.heard()
                if response.HasField("ended"):
                    return response.ended.transfer
                if response.HasField("opened"):
                    window = response.opened.window
                    self._go_on(response.opened)
                    for request in self._under_way:
                        outgoing.put(request)
                else:
                    self._acknowledged(response.acknowledged)
                self._send(outgoing, window)
        finally:
            outgoing.put(None)  # ends the thread that sends
        raise CommandError("the gateway ended the stream before its end", "Try again with the same --request-id.")

    def _go_on(self, opened: messages.MemberStreamOpened) -> None:
        if self._chunks is None:
            self._chunks = self._members(opened.max_chunk_rows)
            while self._taken < opened.last_sequence and self._next() is not None:
                pass  # an earlier process has sent it
            self._under_way.clear()
        while self._under_way and self._under_way[0].chunk.sequence <= opened.last_sequence:
            self._under_way.popleft()

    def _acknowledged(self, chunk: messages.MemberChunkAcknowledged) -> None:
        self._under_way.popleft()
        self.rejected.update(row.reason for row in chunk.rejected)

    def _send(self, outgoing: SimpleQueue[messages.WriteMembersRequest | None], window: int) -> None:
        while len(self._under_way) < window and (request := self._next()) is not None:
            self._under_way.append(request)
            outgoing.put(request)
        if self._end and not self._under_way:
            outgoing.put(self._end)

    def _next(self) -> messages.WriteMembersRequest | None:
        """The next chunk; None behind the last one, which settles the end."""
        assert self._chunks is not None  # noqa: S101  # the stream is open
        members = None if self._end else next(self._chunks, None)
        if members is None:
            end = messages.EndMemberStream(last_sequence=self._taken, rows=self._rows)
            self._end = messages.WriteMembersRequest(end=end)
            return None
        self._taken += 1
        self._rows += len(members)
        message = members_pb2.Members(packed=packed.encode(members))
        return messages.WriteMembersRequest(chunk=messages.MemberChunk(sequence=self._taken, members=message))
