"""Compiles trees to SQL; literals become parameters, never text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from audience_gateway_sandbox.campaign.expressions.scope import Scope
from audience_gateway_sandbox.campaign.expressions.tree import (
    Comparison,
    Condition,
    Emptiness,
    Function,
    Junction,
    Membership,
    Moment,
    Negation,
    Number,
    Path,
    Text,
    Value,
)
from audience_gateway_sandbox.campaign.schema import Kind
from audience_gateway_sandbox.campaign.times import date_text, time_text

Parameter = str | int | float


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its parameters.

    Attributes:
        text: SQL made of names of ours and question marks.
        parameters: what stands for the question marks.
        kind: type of the value; None for a literal.
    """

    text: str
    parameters: Sequence[Parameter] = ()
    kind: Kind | None = None


def condition_sql(condition: Condition, scope: Scope, now: datetime) -> Sql:
    """Compile a condition. Raises ExpressionError for a name that is not there."""
    match condition:
        case Comparison(left, operator, right):
            return _compared(left, [right], "{0} " + operator + " {1}", scope, now)
        case Membership(value, among, negated):
            marks = ", ".join(f"{{{position}}}" for position in range(1, len(among) + 1))
            return _compared(value, among, f"{{0}} {'NOT IN' if negated else 'IN'} ({marks})", scope, now)
        case Emptiness(value, negated):
            return _emptiness(value_sql(value, scope, now), negated=negated)
        case Negation(inner):
            return _joined("NOT ({0})", [condition_sql(inner, scope, now)])
        case Junction(operator, inner_conditions):
            parts = [condition_sql(each, scope, now) for each in inner_conditions]
            template = f" {operator} ".join(f"({{{position}}})" for position in range(len(parts)))
            return _joined(template, parts)
        case _:
            assert_never(condition)


def value_sql(value: Value, scope: Scope, now: datetime, *, beside: Kind | None = None) -> Sql:
    """Compile a value.

    Args:
        value: what to compile.
        scope: the record that its paths begin at.
        now: what `GetDate()` tells.
        beside: type of what it is compared with: a date has no time of day.
    """
    match value:
        case Path():
            column, attribute = scope.column(value)
            return Sql(column, (), attribute.kind)
        case Text(text):
            return Sql("?", (text,))
        case Number(number):
            return Sql("?", (number,))
        case Moment(moment):
            return Sql("?", (date_text(moment) if beside is Kind.DATE else time_text(moment),))
        case Function(name, arguments):
            return _function(name, [value_sql(each, scope, now) for each in arguments], now)
        case _:
            assert_never(value)


def _compared(value: Value, others: Sequence[Value], template: str, scope: Scope, now: datetime) -> Sql:
    kinds = [compiled.kind for compiled in (value_sql(each, scope, now) for each in (value, *others)) if compiled.kind]
    beside = kinds[0] if kinds else None
    return _joined(template, [value_sql(each, scope, now, beside=beside) for each in (value, *others)])


def _function(name: str, arguments: Sequence[Sql], now: datetime) -> Sql:
    if name == "getdate":
        return Sql("?", (time_text(now),), Kind.DATETIME)
    (argument,) = arguments
    if name == "year":
        return Sql(f"CAST(substr({argument.text}, 1, 4) AS INTEGER)", argument.parameters, Kind.LONG)
    return Sql(f"xtk_{name}({argument.text})", argument.parameters, Kind.STRING)


def _emptiness(value: Sql, *, negated: bool) -> Sql:
    # Campaign keeps an empty text and a missing one alike.
    number = value.kind is not None and value.kind.is_number
    empty = f"({value.text} IS NULL)" if number else f"coalesce({value.text}, '') = ''"
    return Sql(f"NOT {empty}" if negated else empty, value.parameters)


def _joined(template: str, parts: Sequence[Sql]) -> Sql:
    text = template.format(*(part.text for part in parts))
    return Sql(text, [parameter for part in parts for parameter in part.parameters])
