"""IdentityService."""

from __future__ import annotations

import grpc.aio

from audience_gateway.api import decode, encode, match_messages, names
from audience_gateway.api.paging import PageTokens, page
from audience_gateway.identity.service import IdentityService
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.registry import Registry
from audience_gateway.v1 import identity_service_pb2, identity_service_pb2_grpc


class IdentityServicer(identity_service_pb2_grpc.IdentityServiceServicer):
    """Id types, data sources, and trying out how ids reconcile."""

    def __init__(
        self, identities: IdentityService, connections: Connections, registry: Registry, tokens: PageTokens
    ) -> None:
        self._identities = identities
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
