"""Writes buf/validate/validate.proto for compilation, from the descriptor that the protovalidate wheel carries.

The file has the messages, enums and extensions, which is what compiling our protos needs; the options of its own
fields, which only the protovalidate runtime evaluates, stay in the wheel.

usage: validate_proto.py FILE
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import protovalidate
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

_LABELS = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional ",
    FieldDescriptorProto.LABEL_REQUIRED: "required ",
    FieldDescriptorProto.LABEL_REPEATED: "repeated ",
}
_MAX_FIELD = 536_870_912


def validate_descriptor() -> FileDescriptorProto:
    """The descriptor of buf/validate/validate.proto."""
    return FileDescriptorProto.FromString(protovalidate.FieldPathPb.desc().file.proto.to_binary())


def source(file: FileDescriptorProto) -> str:
    """The file as proto2 source."""
    lines = ['syntax = "proto2";', "", f"package {file.package};", ""]
    lines += [f'import "{name}";' for name in file.dependency]
    lines += ["", 'option java_package = "build.buf.validate";', ""]
    for extension in file.extension:
        lines += [f"extend {extension.extendee} {{", *_indented(_field(extension, "optional ")), "}"]
    for enum in file.enum_type:
        lines += _enum(enum)
    for message in file.message_type:
        lines += _message(message)
    return "\n".join(lines) + "\n"


def _message(message: DescriptorProto) -> Iterator[str]:
    yield f"message {message.name} {{"
    for enum in message.enum_type:
        yield from _indented(_enum(enum))
    for nested in message.nested_type:
        if not nested.options.map_entry:
            yield from _indented(_message(nested))
    for field in message.field:
        if not field.HasField("oneof_index"):
            yield from _indented(_field(field, _LABELS[field.label]))
    for number in range(len(message.oneof_decl)):
        yield from _indented(_oneof(message, number))
    yield from _ranges(message)
    yield "}"


def _oneof(message: DescriptorProto, number: int) -> Iterator[str]:
    yield f"oneof {message.oneof_decl[number].name} {{"
    for field in message.field:
        if field.HasField("oneof_index") and field.oneof_index == number:
            yield from _indented(_field(field, ""))
    yield "}"


def _ranges(message: DescriptorProto) -> Iterator[str]:
    for free in message.extension_range:
        yield f"  extensions {free.start} to {'max' if free.end == _MAX_FIELD else free.end - 1};"
    for taken in message.reserved_range:
        yield f"  reserved {taken.start} to {taken.end - 1};"
    for name in message.reserved_name:
        yield f'  reserved "{name}";'


def _field(field: FieldDescriptorProto, label: str) -> Iterator[str]:
    named = field.type in {FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_ENUM}
    type_ = field.type_name if named else FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    yield f"{label}{type_} {field.name} = {field.number};"


def _enum(enum: EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    for value in enum.value:
        yield f"  {value.name} = {value.number};"
    for taken in enum.reserved_range:
        yield f"  reserved {taken.start} to {taken.end};"
    for name in enum.reserved_name:
        yield f'  reserved "{name}";'
    yield "}"


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def main() -> None:
    """Writes the file."""
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source(validate_descriptor()), encoding="utf-8")


if __name__ == "__main__":
    main()
