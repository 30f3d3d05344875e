"""Reads the bodies of calls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from audience_gateway_sandbox.audience_manager.rest.as_json import json_name
from audience_gateway_sandbox.audience_manager.rest.errors import malformed

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Value = TypeVar("Value", bound=DataclassInstance)
else:
    Value = TypeVar("Value")

LONGEST_NAME = 255
LARGEST_NUMBER = 2**63 - 1
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


async def json_object(request: web.Request) -> Mapping[str, Any]:
    """Read an object. Refuses anything else."""
    body = await _json(request)
    if not isinstance(body, dict):
        raise malformed("The body has to be a JSON object.")
    return body


async def json_array(request: web.Request) -> Sequence[Any]:
    """Read an array. Refuses anything else."""
    body = await _json(request)
    if not isinstance(body, list):
        raise malformed("The body has to be a JSON array.")
    return body


async def json_ids(request: web.Request) -> Sequence[int]:
    """Read an array of numbers, each once; they may be written as text. Refuses anything else."""
    ids = [number_of(each) for each in await json_array(request)]
    if None in ids:
        raise malformed("The body has to be a JSON array of ids.")
    return list(dict.fromkeys(each for each in ids if each is not None))


def number_of(value: object) -> int | None:
    """Read a number that may be written as text (sandbox 1.3); None if it is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value) if len(value) <= len(str(LARGEST_NUMBER)) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST_NUMBER else None


class Body(Generic[Value]):
    """Makes values of one dataclass from bodies. What it does not know in them is ignored (sandbox 1.2).

    Args:
        kind: the dataclass.
        writable: fields that callers may set; the sandbox sets the others.
        required: those that cannot be missing or empty in a new value.
        always: those that cannot be in a changed one either.
    """

    def __init__(
        self, kind: type[Value], writable: Sequence[str], required: Sequence[str], always: Sequence[str] = ()
    ) -> None:
        self._adapter = TypeAdapter(kind)
        self._fields = [field.name for field in fields(kind)]
        self._writable, self._required, self._always = writable, required, always

    def new(self, body: Mapping[str, Any], **others: Any) -> Value:  # noqa: ANN401 - the types are those of the fields
        """Make a value; `others` are fields that the sandbox sets. Refuses a body that does not fit."""
        self._require(body, self._required)
        return self._made(self._given(body) | others)

    def changed(self, value: Value, body: Mapping[str, Any], **others: Any) -> Value:  # noqa: ANN401 - as above
        """Make another value: what the body does not have stays as it is. Refuses a body that does not fit."""
        self._require(body, self._always)
        return self._made({name: getattr(value, name) for name in self._fields} | self._given(body) | others)

    def _require(self, body: Mapping[str, Any], names: Sequence[str]) -> None:
        missing = [json_name(name) for name in names if _is_empty(body.get(json_name(name)))]
        if missing:
            raise malformed(f"There has to be {', '.join(missing)}.", [f"{name}: is missing" for name in missing])

    def _given(self, body: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: body[json_name(name)] for name in self._writable if body.get(json_name(name)) is not None}
        if len(str(given.get("name", ""))) > LONGEST_NAME:
            raise malformed(f"A name has at most {LONGEST_NAME} characters.", ["name: is too long"])
        return given

    def _made(self, values: Mapping[str, Any]) -> Value:
        too_large = [name for name, value in values.items() if isinstance(value, int) and abs(value) > LARGEST_NUMBER]
        if too_large:
            raise malformed("The body does not fit.", [f"{json_name(name)}: is too large" for name in too_large])
        try:
            return self._adapter.validate_python(values)
        except ValidationError as error:
            # What was given is not repeated, as it may be anything.
            found = [f"{_place(each['loc'])}: {each['msg']}" for each in error.errors(include_input=False)]
            raise malformed("The body does not fit.", found) from None


def _place(location: Sequence[int | str]) -> str:
    return json_name(str(location[0])) if location else "body"


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


async def _json(request: web.Request) -> Any:  # noqa: ANN401 - whatever the caller sent
    try:
        text = await request.text()
        body = json.loads(text)
        if _SURROGATE.search(text):
            # Half a character can be written in JSON, and be kept nowhere.
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError, LookupError):
        raise malformed("The body is not JSON.") from None
    return body
