"""AudienceService."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc.aio

from audience_gateway import incidents
from audience_gateway.api import decode, encode, names
from audience_gateway.api.creating import Creating
from audience_gateway.api.member_reading import MemberReading
from audience_gateway.api.member_writing import MemberWriting
from audience_gateway.api.paging import PageTokens, page
from audience_gateway.api.refusals import NotFound, NotSupported
from audience_gateway.api.replays import Replays
from audience_gateway.plugins.connections import Connections
from audience_gateway.sdk import AudienceCatalogue, GatewayError
from audience_gateway.transfers.service import TransferService
from audience_gateway.v1 import audience_pb2, audience_service_pb2, audience_service_pb2_grpc

_ALL = "-"


class AudienceServicer(audience_service_pb2_grpc.AudienceServiceServicer):
    """Audiences of every connection, and sharing one with another system."""

    def __init__(
        self,
        connections: Connections,
        transfers: TransferService,
        tokens: PageTokens,
        replays: Replays,
        *,
        creating: Creating,
        reading: MemberReading,
        writing: MemberWriting,
    ) -> None:
        self._connections = connections
        self._transfers = transfers
        self._tokens = tokens
        self._replays = replays
        self._creating = creating
        self._reading = reading
        self._writing = writing

    async def ListAudiences(
        self,
        request: audience_service_pb2.ListAudiencesRequest,
        context: grpc.aio.ServicerContext[
            audience_service_pb2.ListAudiencesRequest, audience_service_pb2.ListAudiencesResponse
        ],
    ) -> audience_service_pb2.ListAudiencesResponse:
        """Lists the audiences of one connection, or of all."""
        parent = names.last(request.parent)
        if parent == _ALL:
            audiences, unreachable = await self._all_audiences()
        else:
            audiences, unreachable = await self._audiences(parent, required=True), []
        audiences.sort(key=lambda audience: audience.name)
        chosen, token = page(audiences, lambda audience: audience.name, request, self._tokens)
        return audience_service_pb2.ListAudiencesResponse(
            audiences=chosen, next_page_token=token, unreachable=unreachable
        )

    async def GetAudience(
        self,
        request: audience_service_pb2.GetAudienceRequest,
        context: grpc.aio.ServicerContext[
            audience_service_pb2.GetAudienceRequest, audience_service_pb2.GetAudienceResponse
        ],
    ) -> audience_service_pb2.GetAudienceResponse:
        """Gets one audience."""
        ref = names.audience_ref(request.name)
        async with self._connections.open(ref.connection) as connector:
            if not isinstance(connector, AudienceCatalogue):
                raise _no_catalogue(ref.connection)
            found = await connector.get_audience(ref.audience)
        if found is None:
            raise NotFound(request.name)
        return audience_service_pb2.GetAudienceResponse(audience=encode.audience(ref.connection, found))

    async def ShareAudience(
        self,
        request: audience_service_pb2.ShareAudienceRequest,
        context: grpc.aio.ServicerContext[
            audience_service_pb2.ShareAudienceRequest, audience_service_pb2.ShareAudienceResponse
        ],
    ) -> audience_service_pb2.ShareAudienceResponse:
        """Starts a transfer."""
        shared = decode.share_request(request)
        await self._creating.allow(request.destination, context, asked=shared.create_unknown_records)

        async def respond() -> audience_service_pb2.ShareAudienceResponse:
            for name in (request.source, request.destination):
                self._connections.spec(names.audience_ref(name).connection)
            started = await self._transfers.start(shared)
            return audience_service_pb2.ShareAudienceResponse(transfer=encode.transfer(started))

        answer = audience_service_pb2.ShareAudienceResponse
        return await self._replays.once("ShareAudience", request, answer, respond)

    async def ReadMembers(
        self,
        request: audience_service_pb2.ReadMembersRequest,
        context: grpc.aio.ServicerContext[
            audience_service_pb2.ReadMembersRequest, audience_service_pb2.ReadMembersResponse
        ],
    ) -> AsyncIterator[audience_service_pb2.ReadMembersResponse]:
        """Reads the members of an audience."""
        async for response in self._reading.read(request):
            yield response

    async def WriteMembers(
        self,
        request_iterator: AsyncIterator[audience_service_pb2.WriteMembersRequest],
        context: grpc.aio.ServicerContext[
            audience_service_pb2.WriteMembersRequest, audience_service_pb2.WriteMembersResponse
        ],
    ) -> AsyncIterator[audience_service_pb2.WriteMembersResponse]:
        """Takes members in and makes a transfer of them."""
        async for response in self._writing.write(request_iterator):
            yield response

    async def _all_audiences(self) -> tuple[list[audience_pb2.Audience], list[str]]:
        """Audiences of the connections that answer, and the names of those that do not."""
        connections = self._connections.names()
        answers = await asyncio.gather(
            *(self._audiences(connection, required=False) for connection in connections), return_exceptions=True
        )
        audiences: list[audience_pb2.Audience] = []
        unreachable: list[str] = []
        for connection, answer in zip(connections, answers, strict=True):
            if isinstance(answer, BaseException):
                if not isinstance(answer, GatewayError):
                    incidents.report(answer)
                unreachable.append(names.connection(connection))
            else:
                audiences += answer
        return audiences, unreachable

    async def _audiences(self, connection: str, *, required: bool) -> list[audience_pb2.Audience]:
        async with self._connections.open(connection) as connector:
            if isinstance(connector, AudienceCatalogue):
                return [encode.audience(connection, audience) async for audience in connector.list_audiences()]
        if required:
            raise _no_catalogue(connection)
        return []


def _no_catalogue(connection: str) -> NotSupported:
    return NotSupported(names.connection(connection), "audience catalogue")
