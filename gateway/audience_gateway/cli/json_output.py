"""Answers as JSON on stdout: proto JSON with the field names of the protos, every field present."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import typer
from google.protobuf import json_format
from google.protobuf.message import Message


def print_object(fields: Message | Mapping[str, Message]) -> None:
    """Prints one JSON object: a message, or several under names."""
    value = _plain(fields) if isinstance(fields, Message) else {name: _plain(field) for name, field in fields.items()}
    typer.echo(json.dumps(value, indent=2))


def print_array(messages: Iterable[Message]) -> None:
    """Prints one JSON array, a message a line, as the messages come."""
    separator = "["
    for message in messages:
        typer.echo(f"{separator}\n  {json.dumps(_plain(message))}", nl=False)
        separator = ","
    typer.echo("[]" if separator == "[" else "\n]")


def _plain(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
