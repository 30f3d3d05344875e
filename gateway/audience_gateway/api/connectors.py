"""ConnectorService."""

from __future__ import annotations

import grpc.aio

from audience_gateway.api import encode, names
from audience_gateway.api.paging import PageTokens, page
from audience_gateway.api.refusals import NotFound
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.registry import Registry
from audience_gateway.sdk import AuthError, ConfigError, Diagnostic, GatewayError, Severity
from audience_gateway.v1 import connector_pb2, connector_service_pb2, connector_service_pb2_grpc

_WORST_FIRST = [Severity.ERROR, Severity.WARNING, Severity.INFO]


class ConnectorServicer(connector_service_pb2_grpc.ConnectorServiceServicer):
    """Installed connectors and configured connections."""

    def __init__(self, connections: Connections, registry: Registry, tokens: PageTokens) -> None:
        self._connections = connections
        self._tokens = tokens
        loaded = [encode.connector(entry) for entry in registry.connectors.values()]
        failed = [encode.failed_connector(failure) for failure in registry.failures]
        self._connectors = sorted(loaded + failed, key=lambda connector: connector.name)

    async def ListConnectors(
        self,
        request: connector_service_pb2.ListConnectorsRequest,
        context: grpc.aio.ServicerContext[
            connector_service_pb2.ListConnectorsRequest, connector_service_pb2.ListConnectorsResponse
        ],
    ) -> connector_service_pb2.ListConnectorsResponse:
        """Lists the connectors, those that failed to load included."""
        chosen, token = page(self._connectors, lambda connector: connector.name, request, self._tokens)
        return connector_service_pb2.ListConnectorsResponse(connectors=chosen, next_page_token=token)

    async def GetConnector(
        self,
        request: connector_service_pb2.GetConnectorRequest,
        context: grpc.aio.ServicerContext[
            connector_service_pb2.GetConnectorRequest, connector_service_pb2.GetConnectorResponse
        ],
    ) -> connector_service_pb2.GetConnectorResponse:
        """Gets one connector."""
        for connector in self._connectors:
            if connector.name == request.name:
                return connector_service_pb2.GetConnectorResponse(connector=connector)
        raise NotFound(request.name)

    async def ListConnections(
        self,
        request: connector_service_pb2.ListConnectionsRequest,
        context: grpc.aio.ServicerContext[
            connector_service_pb2.ListConnectionsRequest, connector_service_pb2.ListConnectionsResponse
        ],
    ) -> connector_service_pb2.ListConnectionsResponse:
        """Lists the configured connections."""
        chosen, token = page(self._connections.names(), lambda name: name, request, self._tokens)
        connections = [
            connector_pb2.Connection(
                name=names.connection(name), connector=names.connector(self._connections.connector_name(name))
            )
            for name in chosen
        ]
        return connector_service_pb2.ListConnectionsResponse(connections=connections, next_page_token=token)

    async def CheckConnection(
        self,
        request: connector_service_pb2.CheckConnectionRequest,
        context: grpc.aio.ServicerContext[
            connector_service_pb2.CheckConnectionRequest, connector_service_pb2.CheckConnectionResponse
        ],
    ) -> connector_service_pb2.CheckConnectionResponse:
        """Tries a connection; that it cannot be opened is a finding like any other."""
        name = names.last(request.name)
        if name not in self._connections.names():
            raise NotFound(request.name)
        try:
            async with self._connections.open(name) as connector:
                findings = list(await connector.check())
        except GatewayError as error:
            findings = [_finding(error, request.name)]
        findings.sort(key=lambda finding: _WORST_FIRST.index(finding.severity))
        return connector_service_pb2.CheckConnectionResponse(
            diagnostics=[encode.diagnostic(finding) for finding in findings]
        )


def _finding(error: GatewayError, connection: str) -> Diagnostic:
    own_fault = isinstance(error, (ConfigError, AuthError))
    remedy = error.remedy or ("" if own_fault else "Try again later.")
    return Diagnostic(Severity.ERROR, error.message, error.place or connection, remedy)
