"""Normalisation recipes: how an id is brought into canonical form before it is compared or encoded.

A recipe is named and versioned: what `email@1` makes of a value never changes, a better rule becomes `email@2`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk.text_bytes import count_of, is_printable_ascii, lowered, trimmed

_EMAIL = r"^[^@\s\p{Z}\p{Cc}]+@[^@\s\p{Z}\p{Cc}]+$"
_PHONE_SEPARATORS = r"[\s\p{Z}().\-/]"
_PHONE = r"^\+[1-9][0-9]{1,14}$"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One rule for one kind of value.

    Attributes:
        name: what a data source calls it, e.g. `email`.
        version: grows whenever the rule changes.
        meaning: what it does, in one sentence for people.
        apply: makes the canonical form of a string column, as long as it; null stays null, and an invalid value
            becomes null.
    """

    name: str
    version: int
    meaning: str
    apply: Callable[[pa.StringArray], pa.StringArray]

    @property
    def label(self) -> str:
        """Name and version, e.g. `email@1`."""
        return f"{self.name}@{self.version}"


def _exact(column: pa.StringArray) -> pa.StringArray:
    return _valid(column, pc.greater(pc.binary_length(column), 0))


def _trim(column: pa.StringArray) -> pa.StringArray:
    return _exact(trimmed(column))


def _lower(column: pa.StringArray) -> pa.StringArray:
    return lowered(_trim(column))


def _email(column: pa.StringArray) -> pa.StringArray:
    address = _lower(column)
    return (_plain_emails if is_printable_ascii(address) else _emails)(address)


def _emails(column: pa.StringArray) -> pa.StringArray:
    return _valid(column, pc.match_substring_regex(column, _EMAIL))


def _plain_emails(column: pa.StringArray) -> pa.StringArray:
    """The same for texts of printable ASCII, in a third of the time."""
    at = pc.find_substring(column, "@")
    addresses = _valid(column, pc.and_(pc.greater(at, 0), pc.less(at, pc.subtract(pc.binary_length(column), 1))))
    present = addresses.drop_null()  # what a null hides would be counted, too
    if count_of(present, "@") > len(present):
        addresses = _valid(addresses, pc.equal(pc.count_substring(addresses, "@"), 1))
    if count_of(present, " "):
        addresses = _valid(addresses, pc.less(pc.find_substring(addresses, " "), 0))
    return addresses


def _phone(column: pa.StringArray) -> pa.StringArray:
    number = pc.replace_substring_regex(column, _PHONE_SEPARATORS, "")
    return _valid(number, pc.match_substring_regex(number, _PHONE))


def _valid(column: pa.StringArray, valid: pa.BooleanArray) -> pa.StringArray:
    return column if valid.true_count == len(column) else pc.if_else(valid, column, pa.scalar(None, pa.string()))


_ALL = (
    Recipe("exact", 1, "The value as it is; an empty one is invalid.", _exact),
    Recipe("trim", 1, "Without white space around it, as Unicode defines it; an empty one is invalid.", _trim),
    Recipe("lower", 1, "Trimmed, and each character in lower case.", _lower),
    Recipe(
        "email",
        1,
        "Trimmed and in lower case; valid with exactly one @, something on both sides of it, and no white space.",
        _email,
    ),
    Recipe(
        "phone",
        1,
        "Without white space, brackets, dots, dashes, slashes; valid as E.164: a plus, 2 to 15 digits, the first no 0.",
        _phone,
    ),
)

RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.label: recipe for recipe in _ALL})
"""Every recipe by its label, e.g. `email@1`."""

_NEWEST = {recipe.name: recipe for recipe in sorted(_ALL, key=lambda recipe: recipe.version)}


def find_recipe(name: str) -> Recipe | None:
    """The recipe of a label such as `email@1`, or the newest one of a name such as `email`; None if unknown."""
    return RECIPES.get(name) or _NEWEST.get(name)
