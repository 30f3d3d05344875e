"""The interceptors of the server: statuses outermost, then validation."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.message import Message

from audience_gateway.api import validation
from audience_gateway.server.around import AroundInterceptor, Context
from audience_gateway.server.statuses import status_of

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_DETAILS = "grpc-status-details-bin"
_OURS = "audience_gateway."


class StatusInterceptor(AroundInterceptor):
    """Ends a call that raised with the status of what it raised."""

    async def failed(self, context: Context, error: Exception) -> None:
        """Aborts with the status."""
        status = status_of(error)
        await context.abort(
            _CODES[status.code], status.message, trailing_metadata=((_DETAILS, status.SerializeToString()),)
        )


class ValidationInterceptor(AroundInterceptor):
    """Refuses a request that breaks a rule of its proto."""

    async def before(self, request: Any) -> None:  # noqa: ANN401  # a message of any rpc
        """Raises InvalidRequest with every field that breaks its rule."""
        if isinstance(request, Message) and request.DESCRIPTOR.full_name.startswith(_OURS):
            validation.check(request)
