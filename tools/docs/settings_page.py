"""The page of settings: the gateway's own, and those of every installed connector and credential provider."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from audience_gateway.plugins import loader
from audience_gateway.sdk import Secret
from audience_gateway.server.settings import GatewaySettings
from markdown import code, table
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

_WORDS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    Secret: "secret reference",
}
_INTRODUCTION = """
A TOML file, overridden by environment variables: `AUDIENCE_GATEWAY__SERVER__ADDRESS` stands for `server.address`.
Secrets are references, `env:NAME` or `file:/path`; a literal one is refused. `<name>` is a name of your choice.
""".strip()
_HEAD = ["setting", "type", "default", "what it is"]


def text() -> str:
    """The page. Raises SystemExit if a plugin cannot be loaded, for its settings would be missing."""
    registry = loader.load(loader.installed())
    if registry.failures:
        raise SystemExit("; ".join(f"{one.origin.plugin}: {one.message}" for one in registry.failures))
    return "\n\n".join(
        [
            "# Settings",
            _INTRODUCTION,
            table(_HEAD, _rows(GatewaySettings)),
            *(
                part
                for name, entry in sorted(registry.connectors.items())
                for part in (
                    f"## Connector `{name}`",
                    f"{entry.value.summary.rstrip('.')}. Its settings stand in `connections.<name>.settings`.",
                    table(_HEAD, _rows(entry.value.settings)),
                )
            ),
            *(
                part
                for name, provider in sorted(registry.credentials.items())
                for part in (
                    f"## Credentials `{name}`",
                    f"{provider.value.summary.rstrip('.')}. Its settings stand in `credentials.<name>.settings`.",
                    table(_HEAD, _rows(provider.value.settings)),
                )
            ),
        ]
    )


def _rows(model: type[BaseModel], path: str = "") -> Iterator[list[str]]:
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        if inner is None:
            yield [code(path + name), _type(field.annotation), _default(field), field.description or ""]
        else:
            between = ".<name>." if typing.get_origin(field.annotation) is dict else "."
            yield from _rows(inner, f"{path}{name}{between}")


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner, typing.get_args(annotation))), None)


def _type(annotation: object) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is not None:
        return _composed(origin, arguments)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(code(str(one.value)) for one in annotation)
    return _WORDS.get(annotation, str(annotation))


def _composed(origin: object, arguments: tuple[object, ...]) -> str:
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin is typing.Literal:
        return ", ".join(code(str(one)) for one in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_type(one) for one in arguments if one is not types.NoneType)
    return "table" if origin is dict else f"list of {_type(arguments[0])}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, frozenset):
        value = sorted(value)  # a set has another order in each process
    if value in (None, PydanticUndefined, "", (), {}, []):
        return ""
    if isinstance(value, (tuple, list)):
        return ", ".join(code(str(one)) for one in value)
    return code(str(value).lower() if isinstance(value, bool) else repr(str(value))[1:-1])
