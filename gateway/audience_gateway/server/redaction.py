"""Text of messages for logs, without the fields that their protos mark as `debug_redact`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from google.protobuf.message import Message

_HIDDEN = "[redacted]"


def redacted(message: Message) -> dict[str, Any]:
    """The set fields of a message by name; a marked field only says that it is set.

    Protobuf's own text and JSON formats show such fields in clear.
    """
    return {
        field.name: _HIDDEN if field.GetOptions().debug_redact else _plain(value)
        for field, value in message.ListFields()
    }


def redact(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ARG001  # structlog's signature
    """The log processor that lets no message through but redacted."""
    return {name: _plain(value) for name, value in event.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401  # any value of a field or of a log entry
    if isinstance(value, Message):
        return redacted(value)
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return value
    if hasattr(value, "items"):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value]
