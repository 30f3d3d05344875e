"""ReadMembers: the members of an audience, page by page, each with a token behind which reading goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from audience_gateway.api import arrow, members, names
from audience_gateway.api.ending import until
from audience_gateway.api.paging import PageTokens
from audience_gateway.api.refusals import Draining, InvalidPageToken, InvalidRequest, NotSupported
from audience_gateway.plugins.connections import Connections
from audience_gateway.sdk import MemberBatch, MemberPage, MemberReader, ReadRequest
from audience_gateway.v1 import audience_service_pb2 as messages


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on.

    Attributes:
        after: the connector's token; None to begin.
        rows: rows behind it that were sent already.
    """

    after: str | None = None
    rows: int = 0

    def cursor(self) -> str:
        """The place as the content of a token."""
        return json.dumps([self.after, self.rows])

    @classmethod
    def of(cls, cursor: str) -> Place:
        """The place of a token's content; the beginning if it is empty."""
        return cls(*json.loads(cursor)) if cursor else cls()


class MemberReading:
    """Reads members of audiences.

    Args:
        connections: the configured connections.
        tokens: issues resume tokens.
        draining: is set when the server drains; reading then goes on elsewhere.
    """

    def __init__(self, connections: Connections, tokens: PageTokens, draining: asyncio.Event) -> None:
        self._connections = connections
        self._tokens = tokens
        self._draining = draining

    async def read(self, request: messages.ReadMembersRequest) -> AsyncIterator[messages.ReadMembersResponse]:
        """The answers. Raises InvalidRequest, NotSupported, and what the connector raises."""
        place = self._place(request)
        ref = names.audience_ref(request.name)
        source = self._connections.data_source(names.last(request.data_source))
        async with self._connections.open(ref.connection) as reader:
            if not isinstance(reader, MemberReader):
                raise NotSupported(names.connection(ref.connection), "reading of members")
            asked = ReadRequest(audience=ref.audience, source=source, after=place.after)
            async with aclosing(pieces(reader.read_members(asked), place)) as found:
                async for batch, behind in until(self._draining, found):
                    yield messages.ReadMembersResponse(
                        members=await asyncio.to_thread(members.encode, batch, request.format),
                        resume_token=self._tokens.issue(behind.cursor(), request),
                    )
                    if self._draining.is_set():  # also while pages come without a pause
                        raise Draining

    def _place(self, request: messages.ReadMembersRequest) -> Place:
        try:
            return Place.of(self._tokens.cursor(request))
        except InvalidPageToken as error:
            raise InvalidRequest.of("resume_token", "not a token of this server for this request") from error


async def pieces(pages: AsyncIterator[MemberPage], place: Place) -> AsyncGenerator[tuple[MemberBatch, Place]]:
    """The pages in pieces that a message holds, each with the place behind it; rows that were sent are passed over."""
    after, passed = place.after, place.rows
    async for page in pages:
        rows = len(page.members)
        sent = min(passed, rows)
        passed -= sent
        for piece in arrow.pieces(page.members.columns.slice(sent)):
            sent += piece.num_rows
            yield MemberBatch(piece), Place(page.resume_token) if sent == rows else Place(after, sent)
        after = page.resume_token
