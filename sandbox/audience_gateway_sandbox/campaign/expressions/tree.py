"""What expressions mean: the nodes of their trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Path:
    """An attribute, perhaps of a linked record: `@email`, `folder/@label`."""

    xpath: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number."""

    value: str | int | float


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, perhaps with a time of day, as written between `#`."""

    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function of values; the name is in lower case."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values compared by one of `=`, `!=`, `<`, `<=`, `>`, `>=`."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Likeness:
    """A value compared with a pattern in which `%` stands for any text and `_` for any character."""

    value: Node
    pattern: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """A value compared with a list of literals."""

    value: Node
    options: tuple[Literal | Moment, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """Whether a value is missing."""

    value: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Combination:
    """Conditions joined by `AND` or by `OR`."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The contrary of a condition."""

    part: Node


Node: TypeAlias = (
    Path | Literal | Moment | Function | Comparison | Likeness | Membership | Absence | Combination | Negation
)
