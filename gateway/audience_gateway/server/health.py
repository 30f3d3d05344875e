"""grpc.health.v1 with Check, Watch and List, whose watches end when the server drains."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from audience_gateway.server.around import Context

_Status = health_pb2.HealthCheckResponse.ServingStatus


class HealthServicer(health_pb2_grpc.HealthServicer):
    """Says of the server (empty name) and of each service whether it serves.

    Args:
        services: names of the services.
        draining: is set when the server drains.
    """

    def __init__(self, services: Sequence[str], draining: asyncio.Event) -> None:
        self._services = ["", *services]
        self._draining = draining

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Context) -> health_pb2.HealthCheckResponse:
        """The status of one service."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return self._answer(request.service)

    async def List(self, request: health_pb2.HealthListRequest, context: Context) -> health_pb2.HealthListResponse:
        """The status of all services."""
        return health_pb2.HealthListResponse(statuses={name: self._answer(name) for name in self._services})

    async def Watch(
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """The status now, and when the server drains; then it ends."""
        if not self._draining.is_set():
            yield self._answer(request.service)
            await self._draining.wait()
        yield self._answer(request.service)

    def _answer(self, service: str) -> health_pb2.HealthCheckResponse:
        if service not in self._services:
            return health_pb2.HealthCheckResponse(status=_Status.SERVICE_UNKNOWN)
        return health_pb2.HealthCheckResponse(
            status=_Status.NOT_SERVING if self._draining.is_set() else _Status.SERVING
        )
