"""The rules of the protos, held against a message."""

from __future__ import annotations

from typing import Any

import protovalidate
from google.protobuf.message import Message

from audience_gateway.api.refusals import FieldViolation, InvalidRequest


def check(message: Message, place: str = "") -> None:
    """Raises InvalidRequest with every field that breaks its rule; `place` is the path of the message itself."""
    violations = protovalidate.collect_violations(message)
    if violations:
        raise InvalidRequest(tuple(_violation(violation.proto, place) for violation in violations))


def _violation(proto: Any, place: str) -> FieldViolation:  # noqa: ANN401  # protovalidate's own kind of message
    path = place
    for element in proto.field.elements:
        path += f".{element.field_name}" if path else element.field_name
        if element.subscript is not None:
            path += f"[{element.subscript.value}]"
    return FieldViolation(path, proto.message)
