"""How the fields of a dataclass stand in the columns of a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """Tell a moment as JSON and the database have it."""
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(number: int) -> datetime:
    """Tell the moment of a number of milliseconds."""
    return _EPOCH + number * _MILLISECOND


@dataclass(frozen=True, slots=True)
class Codec:
    """One column.

    Attributes:
        sql: its type.
        encode: from the value to the column.
        decode: from the column to the value.
    """

    sql: str
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def _as_it_is(value: object) -> object:
    return value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


_PLAIN: Mapping[Any, Codec] = {
    int: Codec("INTEGER", _as_it_is, _as_it_is),
    str: Codec("TEXT", _as_it_is, _as_it_is),
    bool: Codec("INTEGER", int, bool),
    datetime: Codec("INTEGER", milliseconds, moment_of),
    date: Codec("TEXT", date.isoformat, date.fromisoformat),
}


def codec_of(kind: Any) -> Codec:  # noqa: ANN401 - a type, or what stands for one
    """Choose the codec of a type of a field. Raises TypeError if there is none."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, UnionType):
        [inner] = [each for each in get_args(kind) if each is not NoneType]
        plain = codec_of(inner)
        return Codec(
            plain.sql,
            lambda value: None if value is None else plain.encode(value),
            lambda value: None if value is None else plain.decode(value),
        )
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Codec("TEXT", str, kind)
    if get_origin(kind) is tuple:
        return Codec("TEXT", _json, lambda text: tuple(json.loads(text)))
    if get_origin(kind) is Mapping:
        return Codec("TEXT", _json, json.loads)
    raise TypeError(f"{kind} has no column")
