"""Interceptors that run something around every call, whatever its kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
import grpc.aio

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class AroundInterceptor(grpc.aio.ServerInterceptor):
    """Calls `begun` and `ended` in each call, `before` with each single request, `failed` with what a call raises."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wraps the handler of a call."""
        handler = await continuation(handler_call_details)
        return self._wrapped(handler) if handler is not None else None

    def begun(self) -> None:
        """Runs first in a call; what it raises ends the call."""

    def ended(self) -> None:
        """Runs last in a call that has begun, however it ends."""

    async def before(self, request: Any) -> None:  # noqa: ANN401  # a message of any rpc
        """Runs before a call with a single request; what it raises ends the call."""

    async def failed(self, context: Context, error: Exception) -> None:  # noqa: ARG002  # for those who abort
        """Runs when a call has raised; must raise itself."""
        raise error

    def _wrapped(self, handler: Handler) -> Handler:
        if handler.request_streaming and handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(
                self._streaming(handler.stream_stream, single=False),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(
                self._single(handler.stream_unary, single=False),
                handler.request_deserializer,
                handler.response_serializer,
            )
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(handler.unary_stream, single=True),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            self._single(handler.unary_unary, single=True), handler.request_deserializer, handler.response_serializer
        )

    def _single(self, method: Any, *, single: bool) -> Any:  # noqa: ANN401  # a handler of any rpc
        async def call(request: Any, context: Context) -> Any:  # noqa: ANN401  # messages of any rpc
            self.begun()
            try:
                if single:
                    await self.before(request)
                return await method(request, context)
            except grpc.aio.AbortError:
                raise
            except Exception as error:  # noqa: BLE001  # every error is turned into a status in one place
                await self.failed(context, error)
            finally:
                self.ended()

        return call

    def _streaming(self, method: Any, *, single: bool) -> Any:  # noqa: ANN401  # a handler of any rpc
        async def call(request: Any, context: Context) -> AsyncIterator[Any]:  # noqa: ANN401  # messages of any rpc
            self.begun()
            try:
                if single:
                    await self.before(request)
                async for response in method(request, context):
                    yield response
            except grpc.aio.AbortError:
                raise
            except Exception as error:  # noqa: BLE001  # every error is turned into a status in one place
                await self.failed(context, error)
            finally:
                self.ended()

        return call
