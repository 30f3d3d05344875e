"""What a rule in PQL is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PqlError(ValueError):
    """A rule that cannot be read, or uses more of PQL than is understood here; the text tells what and where."""


_VALUES_A_PART = 20
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a value: `=`, `!=`, `<`, `<=`, `>`, `>=`."""

    field: Sequence[str]
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    """A field that has one of several values."""

    field: Sequence[str]
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Test:
    """A field asked by a function: `isNull`, `isNotNull`, `equals`, `startsWith`, `endsWith`, `contains`."""

    field: Sequence[str]
    function: str
    text: str = ""
    case_matters: bool = True


@dataclass(frozen=True, slots=True)
class InAudience:
    """The profile is in another audience."""

    audience: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Both:
    """Several rules joined by `and` or `or`."""

    operator: str
    rules: Sequence[Rule]


Rule = Comparison | Membership | Test | InAudience | Not | Both


def parts_of(rule: Rule) -> int:
    """Count what a rule consists of: comparisons, and values that are looked for."""
    match rule:
        case Not(inner):
            return 1 + parts_of(inner)
        case Both(_, rules):
            return sum(1 + parts_of(each) for each in rules)
        case Membership(_, values):
            return 1 + len(values) // _VALUES_A_PART
        case _:
            return 1


def fields_of(rule: Rule) -> set[str]:
    """Tell which fields a rule asks, with dots between their names."""
    match rule:
        case Not(inner):
            return fields_of(inner)
        case Both(_, rules):
            return {field for each in rules for field in fields_of(each)}
        case InAudience():
            return set()
        case _:
            return {".".join(rule.field)}
