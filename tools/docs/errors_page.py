"""The page of error reasons."""

from __future__ import annotations

from audience_gateway.server.statuses import DOMAIN
from audience_gateway.v1.error_reason_pb2 import ErrorReason
from markdown import code, table

import protos

_NAME = "audience_gateway.v1.ErrorReason"
_UNSPECIFIED = 0
_INTRODUCTION = f"""
Every error carries `google.rpc.ErrorInfo` of the domain `{DOMAIN}` with one of these reasons. Its metadata has `place`
(where it went wrong) and `remedy` (what to do), where there are any, and `incident` for `INTERNAL`. New reasons may be
added: treat one that you do not know by its status code.
""".strip()


def text() -> str:
    """The page."""
    rows = (
        [code(name.removeprefix("ERROR_REASON_")), protos.comments()[f"{_NAME}.{name}"]]
        for name, number in ErrorReason.items()
        if number != _UNSPECIFIED
    )
    return "\n\n".join(
        [
            "# Errors",
            _INTRODUCTION,
            table(["reason", "meaning"], rows),
        ]
    )
