"""The page of error reasons."""

from __future__ import annotations

import grpc
from audience_gateway.api.refusals import (
    AlreadyExists,
    Draining,
    EtagMismatch,
    InvalidPageToken,
    InvalidRequest,
    NotFound,
    NotSupported,
)
from audience_gateway.api.rights import NotPermitted, Right
from audience_gateway.sdk import AuthError, ConfigError, Permanent, RateLimited, Transient
from audience_gateway.server.statuses import DOMAIN, status_of
from audience_gateway.streams.refusals import ChunkChanged, OutOfSequence, WindowExceeded
from audience_gateway.transfers.model import TransferState
from audience_gateway.transfers.service import RequestIdReused, TransferNotEnded, WrongState
from audience_gateway.v1.error_reason_pb2 import ErrorReason
from google.rpc import error_details_pb2
from markdown import code, table

import protos

_NAME = "audience_gateway.v1.ErrorReason"
_UNSPECIFIED = 0
_RAISED = (
    InvalidRequest(()),
    InvalidPageToken(),
    RequestIdReused(),
    NotFound(""),
    NotSupported("", ""),
    TransferNotEnded(),
    ConfigError(""),
    AuthError(""),
    RateLimited(""),
    Transient(""),
    Permanent(""),
    WrongState("", TransferState.FAILED),
    AlreadyExists(""),
    EtagMismatch(""),
    OutOfSequence(0),
    ChunkChanged(),
    WindowExceeded(0),
    Draining(),
    NotPermitted(Right.REVEAL_IDS),
)
_INTRODUCTION = f"""
Every error carries `google.rpc.ErrorInfo` of the domain `{DOMAIN}` with one of these reasons. Its metadata has `place`
(where it went wrong) and `remedy` (what to do), where there are any, and `incident` for `INTERNAL`. New reasons may be
added: treat one that you do not know by its status code. A refused password of a connected system is no
`UNAUTHENTICATED`, which would tell the client that its own credentials are at fault.
""".strip()


def text() -> str:
    """The page."""
    statuses = {"INTERNAL": grpc.StatusCode.INTERNAL.name, "DEADLINE": "none: of a transfer"} | dict(
        map(_reason_and_status, _RAISED)
    )
    names = [name for name, number in ErrorReason.items() if number != _UNSPECIFIED]
    reasons = [(name, name.removeprefix("ERROR_REASON_")) for name in names]
    rows = ([code(reason), code(statuses[reason]), protos.comments()[f"{_NAME}.{name}"]] for name, reason in reasons)
    return "\n\n".join(["# Errors", _INTRODUCTION, table(["reason", "status", "meaning"], rows)])


def _reason_and_status(error: Exception) -> tuple[str, str]:
    status = status_of(error)
    info = error_details_pb2.ErrorInfo()
    status.details[0].Unpack(info)
    return info.reason, next(code.name for code in grpc.StatusCode if code.value[0] == status.code)
