"""IdentityService."""

from __future__ import annotations

import grpc.aio

from audience_gateway.api import decode, encode, erasure_messages, match_messages, names, suppression_messages
from audience_gateway.api.paging import PageTokens, page, page_size
from audience_gateway.api.replays import Replays
from audience_gateway.erasures.service import ErasureService
from audience_gateway.identity.service import IdentityService
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.registry import Registry
from audience_gateway.suppression.service import SuppressionService
from audience_gateway.v1 import identity_service_pb2, identity_service_pb2_grpc


class IdentityServicer(identity_service_pb2_grpc.IdentityServiceServicer):
    """Id types, data sources, how ids reconcile, and which ids are not shared."""

    def __init__(
        self,
        connections: Connections,
        registry: Registry,
        tokens: PageTokens,
        replays: Replays,
        *,
        identities: IdentityService,
        suppressing: SuppressionService,
        erasing: ErasureService,
    ) -> None:
        self._identities = identities
        self._suppressing = suppressing
        self._erasing = erasing
        self._replays = replays
        self._connections = connections
        self._registry = registry
        self._tokens = tokens

    async def ListIdTypes(
        self,
        request: identity_service_pb2.ListIdTypesRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.ListIdTypesRequest, identity_service_pb2.ListIdTypesResponse
        ],
    ) -> identity_service_pb2.ListIdTypesResponse:
        """Lists the id types that the installed strategies handle."""
        entries = [self._registry.reconcilers[name] for name in sorted(self._registry.reconcilers)]
        chosen, token = page(entries, lambda entry: entry.value.id_type, request, self._tokens)
        return identity_service_pb2.ListIdTypesResponse(
            id_types=[encode.id_type(entry) for entry in chosen], next_page_token=token
        )

    async def ListDataSources(
        self,
        request: identity_service_pb2.ListDataSourcesRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.ListDataSourcesRequest, identity_service_pb2.ListDataSourcesResponse
        ],
    ) -> identity_service_pb2.ListDataSourcesResponse:
        """Lists the configured data sources."""
        chosen, token = page(self._connections.data_sources(), lambda source: source.name, request, self._tokens)
        return identity_service_pb2.ListDataSourcesResponse(
            data_sources=[encode.data_source(source) for source in chosen], next_page_token=token
        )

    async def ReconcileIdentities(
        self,
        request: identity_service_pb2.ReconcileIdentitiesRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.ReconcileIdentitiesRequest, identity_service_pb2.ReconcileIdentitiesResponse
        ],
    ) -> identity_service_pb2.ReconcileIdentitiesResponse:
        """Reconciles ids with the records of one connection."""
        answers = await self._identities.reconcile(
            names.last(request.connection),
            names.last(request.data_source),
            list(request.ids),
            decode.policy(request.candidate_policy),
        )
        return identity_service_pb2.ReconcileIdentitiesResponse(
            reconciliations=[encode.reconciliation(index, answer) for index, answer in enumerate(answers)]
        )

    async def ExplainIdentity(
        self,
        request: identity_service_pb2.ExplainIdentityRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.ExplainIdentityRequest, identity_service_pb2.ExplainIdentityResponse
        ],
    ) -> identity_service_pb2.ExplainIdentityResponse:
        """Explains why one id matches a record or none."""
        found = await self._identities.explain(
            names.last(request.connection),
            names.last(request.data_source),
            request.id,
            decode.policy(request.candidate_policy),
            encoded=not request.in_clear,
        )
        return identity_service_pb2.ExplainIdentityResponse(explanation=match_messages.explanation(found))

    async def SuppressIdentities(
        self,
        request: identity_service_pb2.SuppressIdentitiesRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.SuppressIdentitiesRequest, identity_service_pb2.SuppressIdentitiesResponse
        ],
    ) -> identity_service_pb2.SuppressIdentitiesResponse:
        """Enters ids in the suppression list."""

        async def respond() -> identity_service_pb2.SuppressIdentitiesResponse:
            done = await self._suppressing.suppress(
                suppression_messages.people(request), list(request.purposes), request_id=request.request_id
            )
            return identity_service_pb2.SuppressIdentitiesResponse(
                entered=done.keys, refused=suppression_messages.refused(done.refused)
            )

        answer = identity_service_pb2.SuppressIdentitiesResponse
        return await self._replays.once("SuppressIdentities", request, answer, respond)

    async def UnsuppressIdentities(
        self,
        request: identity_service_pb2.UnsuppressIdentitiesRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.UnsuppressIdentitiesRequest, identity_service_pb2.UnsuppressIdentitiesResponse
        ],
    ) -> identity_service_pb2.UnsuppressIdentitiesResponse:
        """Lifts ids out of the suppression list."""

        async def respond() -> identity_service_pb2.UnsuppressIdentitiesResponse:
            done = await self._suppressing.unsuppress(
                suppression_messages.people(request),
                list(request.purposes),
                suppression_messages.kind(request.kind),
                request_id=request.request_id,
            )
            return identity_service_pb2.UnsuppressIdentitiesResponse(
                lifted=done.keys, refused=suppression_messages.refused(done.refused)
            )

        answer = identity_service_pb2.UnsuppressIdentitiesResponse
        return await self._replays.once("UnsuppressIdentities", request, answer, respond)

    async def ListSuppressions(
        self,
        request: identity_service_pb2.ListSuppressionsRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.ListSuppressionsRequest, identity_service_pb2.ListSuppressionsResponse
        ],
    ) -> identity_service_pb2.ListSuppressionsResponse:
        """Lists the suppression list."""
        size = page_size(request.page_size)
        found = await self._suppressing.list(
            data_source=names.last(request.data_source), after=self._tokens.cursor(request), limit=size + 1
        )
        more = len(found) > size
        token = self._tokens.issue(f"{found[size - 1].key}/{found[size - 1].kind}", request) if more else ""
        return identity_service_pb2.ListSuppressionsResponse(
            suppressions=[suppression_messages.suppression(one) for one in found[:size]], next_page_token=token
        )

    async def EraseIdentities(
        self,
        request: identity_service_pb2.EraseIdentitiesRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.EraseIdentitiesRequest, identity_service_pb2.EraseIdentitiesResponse
        ],
    ) -> identity_service_pb2.EraseIdentitiesResponse:
        """Begins to erase ids."""

        async def respond() -> identity_service_pb2.EraseIdentitiesResponse:
            asked = await self._erasing.erase(suppression_messages.people(request), request_id=request.request_id)
            return identity_service_pb2.EraseIdentitiesResponse(
                erasure=erasure_messages.erasure(asked.erasure) if asked.erasure else None,
                refused=suppression_messages.refused(asked.refused),
            )

        answer = identity_service_pb2.EraseIdentitiesResponse
        return await self._replays.once("EraseIdentities", request, answer, respond)

    async def GetErasure(
        self,
        request: identity_service_pb2.GetErasureRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.GetErasureRequest, identity_service_pb2.GetErasureResponse
        ],
    ) -> identity_service_pb2.GetErasureResponse:
        """Gets one erasure."""
        found = await self._erasing.get(names.last(request.name))
        return identity_service_pb2.GetErasureResponse(erasure=erasure_messages.erasure(found))

    async def ListErasures(
        self,
        request: identity_service_pb2.ListErasuresRequest,
        context: grpc.aio.ServicerContext[
            identity_service_pb2.ListErasuresRequest, identity_service_pb2.ListErasuresResponse
        ],
    ) -> identity_service_pb2.ListErasuresResponse:
        """Lists erasures, the newest first."""
        size = page_size(request.page_size)
        found = await self._erasing.list(after=self._tokens.cursor(request), limit=size + 1)
        token = self._tokens.issue(found[size - 1].id, request) if len(found) > size else ""
        return identity_service_pb2.ListErasuresResponse(
            erasures=[erasure_messages.erasure(one) for one in found[:size]], next_page_token=token
        )
