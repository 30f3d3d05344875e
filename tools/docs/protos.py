"""The API's protos with their comments."""

from __future__ import annotations

import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

_ROOT = Path(__file__).parents[2]
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_ENTRIES = 2


@cache
def api_files() -> tuple[FileDescriptorProto, ...]:
    """Descriptors of the files of `audience_gateway.v1`. Raises SystemExit if they do not compile."""
    protos = _ROOT / "protos"
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "set.binpb"
        answer = protoc.main(
            [
                "protoc",
                f"-I{protos}",
                f"-I{_ROOT / 'build' / 'protos'}",
                f"-I{files('grpc_tools') / '_proto'}",
                "--include_source_info",
                f"--descriptor_set_out={output}",
                *sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto")),
            ]
        )
        if answer:
            raise SystemExit(answer)
        return tuple(FileDescriptorSet.FromString(output.read_bytes()).file)


@cache
def comments() -> dict[str, str]:
    """The comment of every message, field, enum, value, service and method, by its full name."""
    found: dict[str, str] = {}
    for file in api_files():
        texts = {
            tuple(location.path): _joined(location.leading_comments)
            for location in file.source_code_info.location
            if location.leading_comments
        }
        for number, message in enumerate(file.message_type):
            name = f"{file.package}.{message.name}"
            found[name] = texts.get((_MESSAGES, number), "")
            for index, field in enumerate(message.field):
                found[f"{name}.{field.name}"] = texts.get((_MESSAGES, number, _ENTRIES, index), "")
        for number, enum in enumerate(file.enum_type):
            name = f"{file.package}.{enum.name}"
            found[name] = texts.get((_ENUMS, number), "")
            for index, value in enumerate(enum.value):
                found[f"{name}.{value.name}"] = texts.get((_ENUMS, number, _ENTRIES, index), "")
        for number, service in enumerate(file.service):
            name = f"{file.package}.{service.name}"
            found[name] = texts.get((_SERVICES, number), "")
            for index, method in enumerate(service.method):
                found[f"{name}.{method.name}"] = texts.get((_SERVICES, number, _ENTRIES, index), "")
    return found


def _joined(comment: str) -> str:
    return " ".join(line.strip() for line in comment.strip().splitlines())
