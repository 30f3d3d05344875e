"""Attribute sources: what an alias id stands for, and the columns that its first upload fixed (people-and-ids 8.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from audience_gateway_sandbox.customer_attributes.data_files import DataFile

MOST_COLUMNS = 201
"""The customer ID and about 200 attributes (people-and-ids 8.2)."""
TYPES = {
    "string": re.compile(r".*", re.DOTALL),
    "integer": re.compile(r"-?[0-9]+"),
    "number": re.compile(r"-?[0-9]+(\.[0-9]{1,2})?"),
}
"""What values of each type look like; no value is one of any type."""
ENTITLED = {
    "analytics_foundation": 0,
    "analytics_select": 3,
    "analytics_prime": 15,
    "analytics_ultimate": 200,
    "analytics_standard": 3,
    "analytics_premium": 200,
    "target_standard": 5,
    "target_premium": 200,
}
"""Attributes by subscription (people-and-ids 8.2)."""
_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class SourceError(ValueError):
    """What cannot be done with a source; the text says why."""


@dataclass(frozen=True, slots=True)
class AttributeSource:
    """A source.

    Attributes:
        alias_id: its integration code: unique, and never used again.
        title: what people call it.
        types: type by name of attribute; those that are not named are strings.
        columns: the header of the first file that was processed; empty before.
        subscriptions: who gets the attributes, and which.
        deleted: whether it is gone.
    """

    alias_id: str
    title: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[str] = ()
    subscriptions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    deleted: bool = False

    def __post_init__(self) -> None:
        if not _ALIAS.fullmatch(self.alias_id):
            raise SourceError("An alias ID has letters, digits, `.`, `_` and `-`, and begins with a letter or a digit.")
        if unknown := set(self.types.values()) - TYPES.keys():
            raise SourceError(f"`{min(unknown)}` is no type; there are {', '.join(TYPES)}.")
        for name, attributes in self.subscriptions.items():
            if name not in ENTITLED:
                raise SourceError(f"`{name}` is no subscription; there are {', '.join(ENTITLED)}.")
            if len(attributes) > ENTITLED[name]:
                raise SourceError(f"`{name}` gets at most {ENTITLED[name]} attributes.")

    def check(self, file: DataFile) -> None:
        """Raise SourceError with the first thing in a file that is not as the source has it."""
        if len(file.header) > MOST_COLUMNS:
            raise SourceError(f"It has {len(file.header)} columns, more than {MOST_COLUMNS}.")
        if self.columns and list(file.header) != list(self.columns):
            raise SourceError("Its columns are not those of the first upload.")
        checked = [(index, name, self.types.get(name, "string")) for index, name in enumerate(file.header)][1:]
        for number, row in enumerate(file.rows, start=1):
            for index, name, type_ in checked:
                if row[index] and not TYPES[type_].fullmatch(row[index]):
                    raise SourceError(f"Row {number}: `{name}` is no {type_}.")
