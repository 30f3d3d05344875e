"""From what is raised to what a client sees: status code, ErrorInfo, and the details that apply."""

from __future__ import annotations

from collections.abc import Callable

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from audience_gateway import incidents
from audience_gateway.api.refusals import (
    AlreadyExists,
    Draining,
    EtagMismatch,
    InvalidPageToken,
    InvalidRequest,
    NotFound,
    NotSupported,
)
from audience_gateway.api.rights import NotPermitted
from audience_gateway.erasures.model import ErasureNotFound
from audience_gateway.plugins.connections import NotConfigured
from audience_gateway.sdk import AuthError, ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway.streams.refusals import ChunkChanged, OutOfSequence, WindowExceeded
from audience_gateway.transfers.service import RequestIdReused, TransferNotEnded, TransferNotFound, WrongState
from audience_gateway.transfers.undo import NotUndoable
from audience_gateway.v1.error_reason_pb2 import ErrorReason

DOMAIN = "audience-gateway"
"""Domain of every ErrorInfo."""
PUSHBACK_MILLISECONDS = 700
"""How long a client waits before it asks again when a gateway is shutting down: until its address answers no more."""

_CODES: dict[type[GatewayError], tuple[grpc.StatusCode, ErrorReason.ValueType]] = {
    NotConfigured: (grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND),
    ConfigError: (grpc.StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_CONFIG),
    # Not UNAUTHENTICATED: the connected system refused the gateway's credentials, not the gateway its client's.
    AuthError: (grpc.StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_AUTH),
    RateLimited: (grpc.StatusCode.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_RATE_LIMITED),
    Transient: (grpc.StatusCode.UNAVAILABLE, ErrorReason.ERROR_REASON_TRANSIENT),
    NotUndoable: (grpc.StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_TRANSFER_STATE),
    Permanent: (grpc.StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_PERMANENT),
}


def status_of(error: Exception) -> status_pb2.Status:
    """The status of an error. An unexpected one becomes INTERNAL with an incident id, and its text goes nowhere."""
    for kind, build in _BUILDERS.items():
        if isinstance(error, kind):
            return build(error)
    incident = incidents.report(error)
    return _status(
        grpc.StatusCode.INTERNAL,
        ErrorReason.ERROR_REASON_INTERNAL,
        f"the gateway met an unexpected error, incident {incident}",
        {"incident": incident, "remedy": "Look the incident up in the gateway's log."},
    )


def _gateway_error(error: Exception) -> status_pb2.Status:
    assert isinstance(error, GatewayError)  # noqa: S101  # by the table of builders
    code, reason = next(pair for kind, pair in _CODES.items() if isinstance(error, kind))
    place = f"{error.place}: " if error.place else ""
    retry = []
    if isinstance(error, RateLimited) and error.retry_after is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(int(error.retry_after * 1000))
        retry = [error_details_pb2.RetryInfo(retry_delay=delay)]
    return _status(code, reason, f"{place}{error.message}", {"place": error.place, "remedy": error.remedy}, *retry)


def _invalid_request(error: Exception) -> status_pb2.Status:
    assert isinstance(error, InvalidRequest)  # noqa: S101  # by the table of builders
    violations = [
        error_details_pb2.BadRequest.FieldViolation(field=violation.field, description=violation.description)
        for violation in error.violations
    ]
    return _status(
        grpc.StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_INVALID_REQUEST,
        str(error),
        {"remedy": "Correct the request."},
        error_details_pb2.BadRequest(field_violations=violations),
    )


def _fixed(
    code: grpc.StatusCode, reason: ErrorReason.ValueType, message: str, remedy: str
) -> Callable[[Exception], status_pb2.Status]:
    return lambda error: _status(code, reason, message.format(error), {"remedy": remedy})


def _out_of_sequence(error: Exception) -> status_pb2.Status:
    assert isinstance(error, OutOfSequence)  # noqa: S101  # by the table of builders
    return _status(
        grpc.StatusCode.OUT_OF_RANGE,
        ErrorReason.ERROR_REASON_SEQUENCE,
        f"chunk.sequence: expected {error.expected}",
        {"expected": str(error.expected), "remedy": "Send the chunks in order; open the stream again to go on."},
    )


def _draining(_: Exception) -> status_pb2.Status:
    delay = duration_pb2.Duration()
    delay.FromMilliseconds(PUSHBACK_MILLISECONDS)
    return _status(
        grpc.StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_DRAINING,
        "the gateway is shutting down",
        {"remedy": "Ask again."},
        error_details_pb2.RetryInfo(retry_delay=delay),
    )


_BUILDERS: dict[type[Exception], Callable[[Exception], status_pb2.Status]] = {
    GatewayError: _gateway_error,
    InvalidRequest: _invalid_request,
    InvalidPageToken: _fixed(
        grpc.StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_INVALID_PAGE_TOKEN,
        "page_token: not a token of this server for this request",
        "Begin again without a page token.",
    ),
    NotFound: _fixed(
        grpc.StatusCode.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND, "there is no {}", "List what there is."
    ),
    NotSupported: _fixed(
        grpc.StatusCode.UNIMPLEMENTED,
        ErrorReason.ERROR_REASON_NOT_SUPPORTED,
        "{}",
        "`connectors list` shows what each connector can do.",
    ),
    ErasureNotFound: _fixed(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_NOT_FOUND,
        "there is no erasures/{}",
        "List what there is.",
    ),
    TransferNotFound: _fixed(
        grpc.StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_NOT_FOUND,
        "there is no transfers/{}",
        "List what there is.",
    ),
    TransferNotEnded: _fixed(
        grpc.StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_TRANSFER_NOT_ENDED,
        "transfers/{} has not ended",
        "Watch it until it has.",
    ),
    WrongState: _fixed(
        grpc.StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_TRANSFER_STATE,
        "{}",
        "`transfers get` shows how far it is.",
    ),
    AlreadyExists: _fixed(
        grpc.StatusCode.ALREADY_EXISTS,
        ErrorReason.ERROR_REASON_ALREADY_EXISTS,
        "there is {} already",
        "Take another id, or update it.",
    ),
    EtagMismatch: _fixed(
        grpc.StatusCode.ABORTED,
        ErrorReason.ERROR_REASON_ETAG_MISMATCH,
        "etag: {} was changed since",
        "Get it again and repeat the change.",
    ),
    NotPermitted: _fixed(
        grpc.StatusCode.PERMISSION_DENIED,
        ErrorReason.ERROR_REASON_NOT_PERMITTED,
        "the caller does not have the right `{}`",
        "Send the token of one who has it as `authorization: Bearer TOKEN`; the setting `callers` says who.",
    ),
    OutOfSequence: _out_of_sequence,
    ChunkChanged: _fixed(
        grpc.StatusCode.ALREADY_EXISTS,
        ErrorReason.ERROR_REASON_CHUNK_CHANGED,
        "chunk.sequence: a chunk of that number is kept, with another content",
        "Open a new stream with a new request id.",
    ),
    WindowExceeded: _fixed(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_WINDOW_EXCEEDED,
        "more than {} chunks are under way",
        "Wait for acknowledgements; open the stream again to go on.",
    ),
    Draining: _draining,
    RequestIdReused: _fixed(
        grpc.StatusCode.ALREADY_EXISTS,
        ErrorReason.ERROR_REASON_REQUEST_ID_REUSED,
        "request_id: was used before with another payload",
        "Use a new request id for a new request.",
    ),
}


def _status(
    code: grpc.StatusCode, reason: ErrorReason.ValueType, message: str, metadata: dict[str, str], *details: Message
) -> status_pb2.Status:
    info = error_details_pb2.ErrorInfo(
        reason=ErrorReason.Name(reason).removeprefix("ERROR_REASON_"),
        domain=DOMAIN,
        metadata={name: value for name, value in metadata.items() if value},
    )
    packed = []
    for detail in (info, *details):
        one = any_pb2.Any()
        one.Pack(detail)
        packed.append(one)
    number: int = code.value[0]
    return status_pb2.Status(code=number, message=message, details=packed)
