"""Compiles trees to SQL; every literal becomes a parameter.

Texts of Campaign are never null and its numbers default to 0 (campaign 3.3), so a column that may be NULL is read as
the empty text or as 0.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from audience_gateway_sandbox.campaign.expressions.moments import moment_text
from audience_gateway_sandbox.campaign.expressions.scope import Scope
from audience_gateway_sandbox.campaign.expressions.tree import (
    Absence,
    Combination,
    Comparison,
    Function,
    Likeness,
    Literal,
    Membership,
    Moment,
    Negation,
    Node,
    Path,
)
from audience_gateway_sandbox.campaign.faults import MethodError
from audience_gateway_sandbox.campaign.schema import Attribute, Kind
from audience_gateway_sandbox.campaign.times import time_text
from audience_gateway_sandbox.campaign.uuids import uuid_number_or_nobody

Value = str | int | float

_LARGEST = (1 << 63) - 1
_FEW = 1000


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL.

    Attributes:
        text: with `?` for each parameter.
        parameters: their values.
        kind: type of a value; None for a condition.
    """

    text: str
    parameters: tuple[Value, ...] = ()
    kind: Kind | None = None


def condition_sql(node: Node, scope: Scope, now: datetime) -> Sql:  # noqa: PLR0911  # one a kind of condition
    """Compile a condition; a mere value counts as one that is met if it is not 0. Raises MethodError."""
    match node:
        case Comparison():
            return _comparison(node, scope, now)
        case Combination():
            return joined(node.operator, [condition_sql(part, scope, now) for part in node.parts])
        case Negation():
            part = condition_sql(node.part, scope, now)
            return Sql(f"NOT ({part.text})", part.parameters)
        case Membership():
            return _membership(node, scope, now)
        case Absence():
            return _absence(node, scope, now)
        case Likeness():
            return _likeness(node, scope, now)
        case _:
            value = value_sql(node, scope, now)
            return Sql(f"{value.text} <> 0", value.parameters)


def joined(operator: str, parts: list[Sql]) -> Sql:
    """Join conditions by `AND` or `OR`."""
    text = f" {operator} ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(value for part in parts for value in part.parameters))


def value_sql(node: Node, scope: Scope, now: datetime, like: Kind | None = None) -> Sql:
    """Compile a value; a literal is turned into the kind that it is compared with. Raises MethodError."""
    match node:
        case Path(xpath):
            return _column(*scope.resolve(xpath))
        case Literal(value):
            return Sql("?", (_literal(value, like),), like or (Kind.STRING if isinstance(value, str) else Kind.LONG))
        case Moment(text):
            return Sql("?", (moment_text(text, like),), like if like is Kind.DATE else Kind.DATETIME)
        case Function():
            return _function(node, scope, now)
        case _:
            condition = condition_sql(node, scope, now)
            return Sql(f"(CASE WHEN {condition.text} THEN 1 ELSE 0 END)", condition.parameters, Kind.BOOLEAN)


def _column(scope: Scope, attribute: Attribute) -> Sql:
    text = f"{scope.alias}.{attribute.sql}"
    if attribute.required or attribute.kind.is_moment:
        return Sql(text, kind=attribute.kind)
    default = 0 if attribute.kind.is_number else "''"
    return Sql(f"coalesce({text}, {default})", kind=attribute.kind)


def _comparison(node: Comparison, scope: Scope, now: datetime) -> Sql:
    right_kind = None
    if isinstance(node.left, Literal | Moment) and not isinstance(node.right, Literal | Moment):
        right_kind = value_sql(node.right, scope, now).kind
    left = value_sql(node.left, scope, now, right_kind)
    right = value_sql(node.right, scope, now, left.kind)
    sign = "IS DISTINCT FROM" if node.sign == "!=" else node.sign
    return Sql(f"{left.text} {sign} {right.text}", left.parameters + right.parameters)


def _membership(node: Membership, scope: Scope, now: datetime) -> Sql:
    value = value_sql(node.value, scope, now)
    options = [value_sql(option, scope, now, value.kind).parameters[0] for option in node.options]
    operator = "NOT IN" if node.negated else "IN"
    if len(options) <= _FEW:
        return Sql(f"{value.text} {operator} ({', '.join('?' * len(options))})", (*value.parameters, *options))
    listed = "CAST(value AS NUMERIC)" if value.kind is not None and value.kind.is_number else "value"
    subquery = f"(SELECT {listed} FROM json_each(?))"  # noqa: S608 - no value of anybody's
    return Sql(f"{value.text} {operator} {subquery}", (*value.parameters, json.dumps(options)))


def _absence(node: Absence, scope: Scope, now: datetime) -> Sql:
    value = value_sql(node.value, scope, now)
    if value.kind is not None and value.kind.is_number:
        return Sql(f"{value.text} IS {'NOT ' * node.negated}NULL", value.parameters)
    return Sql(f"coalesce({value.text}, '') {'<>' if node.negated else '='} ''", value.parameters)


def _likeness(node: Likeness, scope: Scope, now: datetime) -> Sql:
    value = value_sql(node.value, scope, now)
    pattern = node.pattern.replace("\\", "\\\\")
    return Sql(f"{value.text} {'NOT ' * node.negated}LIKE ? ESCAPE '\\'", (*value.parameters, pattern))


def _function(node: Function, scope: Scope, now: datetime) -> Sql:
    arguments = [value_sql(argument, scope, now) for argument in node.arguments]
    match node.name, arguments:
        case "getdate", []:
            return Sql("?", (time_text(now),), Kind.DATETIME)
        case "lower" | "upper", [text]:
            return Sql(f"{node.name}_of(CAST({text.text} AS TEXT))", text.parameters, Kind.STRING)
        case "year", [moment]:
            return Sql(f"coalesce(CAST(substr({moment.text}, 1, 4) AS INTEGER), 0)", moment.parameters, Kind.LONG)
        case "count", [] | [_]:
            counted = arguments[0] if arguments else Sql("*")
            return Sql(f"count({counted.text})", counted.parameters, Kind.LONG)
        case _:
            what = f"there is no function '{node.name}' of {len(arguments)} argument(s)."
            raise MethodError(f"XTK-170006 Unable to parse expression: {what}")


def _literal(value: Value, like: Kind | None) -> Value:
    if like is None:
        return value
    if like.is_moment:
        return moment_text(str(value), like)
    if like is Kind.UUID:
        return uuid_number_or_nobody(value)
    if not like.is_number:
        return str(value)
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit():
        value = int(value)
    return float(value) if isinstance(value, int) and abs(value) > _LARGEST else value
