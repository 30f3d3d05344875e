"""Turns rules in PQL into conditions of SQL on the table of profiles, true or false and never unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audience_gateway_sandbox.platform.segmentation.pql_tree import (
    Both,
    Comparison,
    InAudience,
    Membership,
    Not,
    Rule,
    Test,
    Value,
)

Condition = tuple[str, list[Any]]
_SQL_OPERATORS = {"!=": "<>"}
_EQUAL = frozenset({"=", "!="})
_MATCHES = {
    "equals": "field = text",
    "startsWith": "substr(field, 1, length(text)) = text",
    "endsWith": "length(text) = 0 OR substr(field, -length(text)) = text",
    "contains": "instr(field, text) > 0",
}
_FIELD = "json_extract(profile.entity, ?)"


def condition_of(rule: Rule) -> Condition:
    """Make a condition and its parameters. A field that a profile lacks equals nothing and differs from nothing."""
    match rule:
        case Both(operator, rules):
            parts = [condition_of(each) for each in rules]
            return f"({f' {operator.upper()} '.join(sql for sql, _ in parts)})", [
                value for _, values in parts for value in values
            ]
        case Not(inner):
            sql, values = condition_of(inner)
            return f"NOT {sql}", values
        case InAudience(audience):
            return (
                (
                    "EXISTS (SELECT 1 FROM membership WHERE membership.profile = profile.id"
                    " AND membership.audience = ? AND membership.status = 'realized')"
                ),
                [audience],
            )
        case Membership(field, values):
            listed = ", ".join("?" * len(values))
            return f"coalesce({_FIELD} IN ({listed}), 0)", [_path(field), *map(_stored, values)]
        case Test():
            return _asked(rule)
        case Comparison(field, operator, value):
            return _compared(_path(field), operator, value)


def _compared(path: str, operator: str, value: Value) -> Condition:
    if value is None:
        return f"({_FIELD} IS {'NOT ' if operator == '!=' else ''}NULL)", [path]
    sql = f"coalesce({_FIELD} {_SQL_OPERATORS.get(operator, operator)} ?, 0)"
    if operator in _EQUAL:
        return sql, [path, _stored(value)]
    # SQLite takes any text for greater than any number; PQL compares like with like.
    kinds = "'text'" if isinstance(value, str) else "'integer', 'real'"
    return f"({sql} AND typeof({_FIELD}) IN ({kinds}))", [path, _stored(value), path]


def _asked(test: Test) -> Condition:
    path = _path(test.field)
    if test.function == "isNull":
        return f"({_FIELD} IS NULL)", [path]
    if test.function == "isNotNull":
        return f"({_FIELD} IS NOT NULL)", [path]
    given = f"{_FIELD} AS field, ? AS text" if test.case_matters else f"lower({_FIELD}) AS field, lower(?) AS text"
    # The names are constants of this module.
    sql = f"coalesce((SELECT {_MATCHES[test.function]} FROM (SELECT {given})), 0)"
    return sql, [path, test.text]


def _path(field: Sequence[str]) -> str:
    return "$" + "".join(f'."{name}"' for name in field)


def _stored(value: Value) -> Any:  # noqa: ANN401 - what SQLite makes of JSON
    return int(value) if isinstance(value, bool) else value
