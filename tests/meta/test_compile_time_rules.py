"""The compile-time buf/validate/validate.proto declares what the installed protovalidate has."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "protos"))

from validate_proto import source, validate_descriptor


def bare(file: FileDescriptorProto) -> FileDescriptorProto:
    """The file without options, and without the order of fields, which nothing depends on."""
    file.ClearField("options")
    file.ClearField("syntax")
    for field in file.extension:
        field.ClearField("json_name")
    for message in file.message_type:
        _strip(message)
    return file


def _strip(message: DescriptorProto) -> None:
    message.ClearField("options")
    fields = sorted(message.field, key=lambda field: field.number)
    for field in fields:
        field.ClearField("options")
        field.ClearField("json_name")
    del message.field[:]
    message.field.extend(fields)
    for part in message.extension_range:
        part.ClearField("options")
    for nested in message.nested_type:
        _strip(nested)


def test_it_compiles_to_the_installed_descriptor(tmp_path: Path) -> None:
    path = tmp_path / "buf" / "validate" / "validate.proto"
    path.parent.mkdir(parents=True)
    path.write_text(source(validate_descriptor()))
    output = tmp_path / "set.binpb"

    answer = protoc.main(
        [
            "protoc",
            f"-I{tmp_path}",
            f"-I{files('grpc_tools') / '_proto'}",
            f"--descriptor_set_out={output}",
            "buf/validate/validate.proto",
        ]
    )

    assert answer == 0
    (compiled,) = FileDescriptorSet.FromString(output.read_bytes()).file
    assert bare(compiled) == bare(validate_descriptor())
