"""Settings held against their model: every finding with its path, what was found and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from audience_gateway.sdk import ConfigError

M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], values: Mapping[str, Any], place: str) -> M:
    """The values as an instance of the model. Raises ConfigError, whose place is the path of the first finding."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise config_error(error, place) from None


def config_error(error: ValidationError, place: str) -> ConfigError:
    """All findings as one ConfigError; values are not shown, since one may be a secret in the wrong place."""
    findings = [(_path(place, finding["loc"]), finding["msg"], finding["type"]) for finding in error.errors()]
    path, message, kind = findings[0]
    others = "".join(f"; {path}: {_said(message, kind)}" for path, message, kind in findings[1:])
    return ConfigError(_said(message, kind) + others, place=path, remedy="Correct the configuration.")


def _path(place: str, location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in ((place,) if place else ()) + location)


def _said(message: str, kind: str) -> str:
    if kind == "extra_forbidden":
        return "there is no such setting"
    if kind == "missing":
        return "the setting is missing"
    return message[:1].lower() + message[1:]
