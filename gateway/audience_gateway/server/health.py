"""grpc.health.v1 with Check, Watch and List, whose watches end when the server drains."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from audience_gateway.server.around import Context

_Status = health_pb2.HealthCheckResponse.ServingStatus


class HealthServicer(health_pb2_grpc.HealthServicer):
    """Says of the server (empty name) and of each service whether it serves."""

    def __init__(self, services: Sequence[str]) -> None:
        self._status: dict[str, int] = dict.fromkeys(["", *services], _Status.SERVING)
        self._draining = asyncio.Event()

    def drain(self) -> None:
        """From now on nothing serves, and every watch is told so and ends."""
        self._status = dict.fromkeys(self._status, _Status.NOT_SERVING)
        self._draining.set()

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Context) -> health_pb2.HealthCheckResponse:
        """The status of one service."""
        if request.service not in self._status:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return health_pb2.HealthCheckResponse(status=self._status[request.service])

    async def List(self, request: health_pb2.HealthListRequest, context: Context) -> health_pb2.HealthListResponse:
        """The status of all services."""
        statuses = {name: health_pb2.HealthCheckResponse(status=status) for name, status in self._status.items()}
        return health_pb2.HealthListResponse(statuses=statuses)

    async def Watch(
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """The status now, and when the server drains; then it ends."""
        yield self._answer(request.service)
        await self._draining.wait()
        yield self._answer(request.service)

    def _answer(self, service: str) -> health_pb2.HealthCheckResponse:
        return health_pb2.HealthCheckResponse(
            status=self._status.get(service, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
        )
