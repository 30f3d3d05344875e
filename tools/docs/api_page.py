"""The page of services, methods, messages and enums."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    ServiceDescriptorProto,
)
from markdown import code, table

import protos

_PACKAGE = "audience_gateway.v1"


def text() -> str:
    """The page."""
    return "\n\n".join(
        [
            "# The API",
            f"Package `{_PACKAGE}`. Errors carry `google.rpc.ErrorInfo`; its reasons are in [errors.md](errors.md).",
            *(part for file in protos.api_files() for service in file.service for part in _service(service)),
            "# Messages",
            *(
                part
                for file in protos.api_files()
                for message in sorted(file.message_type, key=lambda one: one.name)
                for part in _message(message)
            ),
            "# Enums",
            *(part for file in protos.api_files() for enum in file.enum_type for part in _enum(enum)),
        ]
    )


def _service(service: ServiceDescriptorProto) -> Iterator[str]:
    name = f"{_PACKAGE}.{service.name}"
    yield f"## {service.name}"
    yield protos.comments()[name]
    yield table(
        ["method", "request", "answer", "what it does"],
        (
            [
                code(method.name),
                code(_short(method.input_type)),
                ("stream of " if method.server_streaming else "") + code(_short(method.output_type)),
                protos.comments()[f"{name}.{method.name}"],
            ]
            for method in service.method
        ),
    )


def _message(message: DescriptorProto) -> Iterator[str]:
    name = f"{_PACKAGE}.{message.name}"
    yield f"## {message.name}"
    yield protos.comments()[name]
    if message.field:
        yield table(
            ["field", "number", "type", "what it is"],
            (
                [
                    code(field.name),
                    str(field.number),
                    code(_type(field, message)),
                    protos.comments()[f"{name}.{field.name}"],
                ]
                for field in message.field
            ),
        )


def _enum(enum: EnumDescriptorProto) -> Iterator[str]:
    name = f"{_PACKAGE}.{enum.name}"
    yield f"## {enum.name}"
    yield protos.comments()[name]
    yield table(
        ["value", "number", "meaning"],
        ([code(value.name), str(value.number), protos.comments()[f"{name}.{value.name}"]] for value in enum.value),
    )


def _type(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    kind = _short(field.type_name) or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    for entry in message.nested_type:
        if kind == f"{message.name}.{entry.name}":
            return f"map<{', '.join(_type(part, entry) for part in entry.field)}>"
    return f"repeated {kind}" if field.label == FieldDescriptorProto.LABEL_REPEATED else kind


def _short(name: str) -> str:
    return name.removeprefix(".").removeprefix(f"{_PACKAGE}.")
