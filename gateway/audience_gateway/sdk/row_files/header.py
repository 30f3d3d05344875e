"""Where the wanted columns are: by the names in a file's header, or by their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from audience_gateway.sdk.errors import ConfigError

Column = Annotated[str, StringConstraints(min_length=1)] | Annotated[int, Field(ge=1)]
"""A column by its name in the header, or by its number, counted from 1."""

_PERSONAL = re.compile(r"@|\d{6}")  # a first row that is no header holds ids among its values
_SHOWN = 40


def positions(found: Sequence[str] | None, wanted: Sequence[Column], place: str) -> tuple[int, ...]:
    """Positions of columns, from 0.

    Args:
        found: the names in the header; None for a file without one.
        wanted: columns by name or number.
        place: where the header is, for errors.

    Raises ConfigError, with the names that were found, for a column that is not there or there twice.
    """
    return tuple(_position(found, column, place) for column in wanted)


def _position(found: Sequence[str] | None, column: Column, place: str) -> int:
    if isinstance(column, int):
        if found is not None and column > len(found):
            raise ConfigError(
                f"there is no column {column}, the header has {len(found)}",
                place=place,
                remedy="Set the column to the name or the number of one of them.",
            )
        return column - 1
    if found is None:
        raise ConfigError(
            f"a file without header has no column named `{column}`",
            place=place,
            remedy="Set the column to its number, counted from 1, or set `header = true`.",
        )
    if found.count(column) != 1:
        count = "no column" if column not in found else "more than one column"
        raise ConfigError(
            f"there is {count} `{column}`, found: {shown(found)}",
            place=place,
            remedy="Set the column to the name or the number of one of them.",
        )
    return found.index(column)


def shown(names: Sequence[str]) -> str:
    """The names of a header for an error; nothing of a first row that is no header."""
    if any(map(_PERSONAL.search, names)):
        return "what looks like a row (not shown)"
    return ", ".join(f"`{name[:_SHOWN]}`" for name in names)
