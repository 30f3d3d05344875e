"""The interceptors of the server: statuses outermost, then draining, then validation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import Message

from audience_gateway.api import validation
from audience_gateway.api.refusals import Draining
from audience_gateway.server.around import AroundInterceptor, Context, Handler
from audience_gateway.server.statuses import PUSHBACK_MILLISECONDS, status_of

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_DETAILS = "grpc-status-details-bin"
_PUSHBACK = "grpc-retry-pushback-ms"
_OURS = "audience_gateway."
_OF_GRPC = "/grpc."


class StatusInterceptor(AroundInterceptor):
    """Ends a call that raised with the status of what it raised."""

    async def failed(self, context: Context, error: Exception) -> None:
        """Aborts with the status."""
        status = status_of(error)
        metadata: list[tuple[str, str | bytes]] = [(_DETAILS, status.SerializeToString())]
        if isinstance(error, Draining):
            metadata.append((_PUSHBACK, str(PUSHBACK_MILLISECONDS)))
        await context.abort(_CODES[status.code], status.message, trailing_metadata=tuple(metadata))


class DrainInterceptor(AroundInterceptor):
    """Refuses calls that come while the server drains, and knows when the others have ended.

    The services of gRPC itself, such as health, go on and are not waited for.

    Args:
        draining: is set when the server drains.
    """

    def __init__(self, draining: asyncio.Event) -> None:
        self._draining = draining
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Waits until no call is under way."""
        await self._idle.wait()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wraps the handler of a call, but of those of gRPC's own services."""
        if handler_call_details.method.startswith(_OF_GRPC):
            return await continuation(handler_call_details)
        return await super().intercept_service(continuation, handler_call_details)

    def begun(self) -> None:
        """Raises Draining if the server drains."""
        if self._draining.is_set():
            raise Draining
        self._under_way += 1
        self._idle.clear()

    def ended(self) -> None:
        """Counts the call no more."""
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()


class ValidationInterceptor(AroundInterceptor):
    """Refuses a request that breaks a rule of its proto."""

    async def before(self, request: Any) -> None:  # noqa: ANN401  # a message of any rpc
        """Raises InvalidRequest with every field that breaks its rule."""
        if isinstance(request, Message) and request.DESCRIPTOR.full_name.startswith(_OURS):
            validation.check(request)
