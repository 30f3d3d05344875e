"""Checks settings against a model and says of each fault where it is, what was found and what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from audience_gateway.sdk import ConfigError

Model = TypeVar("Model", bound=BaseModel)

_SECRET = re.compile(r"passw|secret|token|credential|api_?key|private", re.IGNORECASE)
_USER_INFO = re.compile(r"//[^/@\s]*@")
_LONGEST = 80


class InvalidSettings(ConfigError):
    """Settings that cannot be used.

    Attributes:
        problems: one sentence each, beginning with the path of the setting.
    """

    def __init__(self, problems: Sequence[str], *, remedy: str = "") -> None:
        super().__init__("; ".join(problems), remedy=remedy)
        self.problems = tuple(problems)


def validate(model: type[Model], values: Mapping[str, Any], path: str = "") -> Model:
    """The settings as a model. Raises InvalidSettings that names every fault; the path is where the values stand."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidSettings(problems(error, model, path)) from None


def problems(error: ValidationError, model: type[BaseModel], path: str = "") -> list[str]:
    """What is wrong, one sentence a fault: its path, what was found (never a secret) and what is allowed."""
    return [_problem(detail, model, path) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, model: type[BaseModel], path: str) -> str:
    place = ".".join([*([path] if path else []), *(str(part) for part in detail["loc"] if part != "[key]")])
    prefix = f"{place}: " if place else ""
    kind = detail["type"]
    if kind == "extra_forbidden":
        return f"{prefix}found a setting of unknown name, {_known_names(model, detail['loc'])}"
    if kind == "missing":
        return f"{prefix}found nothing, but this setting is required"
    if kind in {"secret_reference", "value_error"}:
        return prefix + detail["msg"].removeprefix("Value error, ")
    return f"{prefix}found {_found(detail)}, allowed: {_allowed(detail['msg'])}"


def _allowed(message: str) -> str:
    rule = message.removeprefix("Input should be ").removeprefix("String should ")
    return rule.partition(", unable to parse")[0]


def _found(detail: ErrorDetails) -> str:
    value = detail["input"]
    if any(_SECRET.search(str(part)) for part in detail["loc"]) or isinstance(value, bytes):
        return "a value (not shown)"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple, set)):
        return "a list"
    text = repr(_USER_INFO.sub("//…@", value) if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _known_names(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    names = sorted(_model_at(model, location[:-1]).model_fields)
    near = difflib.get_close_matches(str(location[-1]), names, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"allowed: {', '.join(names) or 'none'}{hint}"


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    for part in location:
        field = model.model_fields.get(str(part))
        found = _inner_model(field.annotation) if field else None
        model = found or model
    return model


def _inner_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_inner_model(argument) for argument in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model), None)
