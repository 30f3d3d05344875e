"""Rules as syntax trees in JSON, the format `pql/json`, and back (rtcdp 1.1: conversion)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from audience_gateway_sandbox.platform.segmentation.pql_tree import (
    Both,
    Comparison,
    InAudience,
    Membership,
    Not,
    PqlError,
    Rule,
    Test,
    Value,
)

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_JOINS = frozenset({"and", "or"})
_UNARY = frozenset({"isNull", "isNotNull"})
_BINARY = frozenset({"equals", "startsWith", "endsWith", "contains"})
_NAME = re.compile(r"[\w-]+")
_DEEPEST = 50
_LARGEST_INTEGER = 10**18
_KINDS = {str: "String", bool: "Boolean", int: "Integer", float: "Double", type(None): "Null"}


def read_pql_json(text: str) -> Rule:
    """Read a rule. Raises PqlError if it is no tree that is understood here."""
    try:
        return _rule(json.loads(text), 0)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        if isinstance(error, PqlError):
            raise
        raise PqlError("The expression is no syntax tree that is understood here.") from None


def write_pql_json(rule: Rule) -> str:
    """Write a rule as a tree."""
    return json.dumps(_node(rule))


def write_pql(rule: Rule) -> str:
    """Write a rule as text."""
    match rule:
        case Both(operator, rules):
            return "(" + f" {operator} ".join(map(write_pql, rules)) + ")"
        case Not(inner):
            return f"not ({write_pql(inner)})"
        case InAudience(audience):
            return f"inSegment({json.dumps(audience)})"
        case Comparison(field, operator, value):
            return f"{'.'.join(field)} {operator} {_written(value)}"
        case Membership(field, values):
            return f"{'.'.join(field)} in [{', '.join(map(_written, values))}]"
        case Test(field, function, text, case_matters):
            arguments = "" if function in _UNARY else f"{_written(text)}{'' if case_matters else ', false'}"
            return f"{'.'.join(field)}.{function}({arguments})"


def _written(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rule(node: dict[str, Any], depth: int) -> Rule:
    if depth > _DEEPEST:
        raise PqlError(f"The expression is nested deeper than {_DEEPEST}.")
    name, params = node["fnName"], node["params"]
    if name in _JOINS:
        return Both(name, tuple(_rule(each, depth + 1) for each in params))
    if name == "not":
        return Not(_rule(params[0], depth + 1))
    if name == "inSegment":
        return InAudience(str(params[0]["value"]))
    return _about_a_field(name, _field(params[0]), params[1:])


def _about_a_field(name: str, field: Sequence[str], rest: list[dict[str, Any]]) -> Rule:
    if name in _COMPARISONS:
        return Comparison(field, name, _value(rest[0]))
    if name == "in":
        return Membership(field, tuple(_value(each) for each in rest[0]["params"]))
    if name in _UNARY:
        return Test(field, name)
    if name in _BINARY:
        return Test(field, name, str(rest[0]["value"]), len(rest) == 1 or rest[1]["value"] is not False)
    raise PqlError(f"The function {str(name)[:40]} is not understood here.")


def _field(node: dict[str, Any]) -> Sequence[str]:
    names: list[str] = []
    for _ in range(_DEEPEST):
        if node["nodeType"] != "fieldLookup":
            return tuple(reversed(names))
        if not _NAME.fullmatch(node["fieldName"]):
            raise PqlError("The name of a field has other characters than letters, digits, _ and -.")
        names.append(node["fieldName"])
        node = node["object"]
    raise PqlError(f"A field is nested deeper than {_DEEPEST}.")


def _value(node: dict[str, Any]) -> Value:
    value = node["value"]
    if not isinstance(value, str | int | float | None):
        raise PqlError("A literal must be text, a number, a boolean or null.")
    return float(value) if isinstance(value, int) and abs(value) > _LARGEST_INTEGER else value


def _node(rule: Rule) -> dict[str, Any]:
    match rule:
        case Both(operator, rules):
            return _apply(operator, *map(_node, rules))
        case Not(inner):
            return _apply("not", _node(inner))
        case InAudience(audience):
            return _apply("inSegment", _literal(audience))
        case Comparison(field, operator, value):
            return _apply(operator, _lookup(field), _literal(value))
        case Membership(field, values):
            return _apply("in", _lookup(field), _apply("array", *map(_literal, values)))
        case Test(field, function, text, case_matters):
            unary = function in _UNARY
            return _apply(function, _lookup(field), *([] if unary else [_literal(text), _literal(case_matters)]))


def _apply(name: str, *params: dict[str, Any]) -> dict[str, Any]:
    return {"nodeType": "fnApply", "fnName": name, "params": list(params)}


def _literal(value: Value) -> dict[str, Any]:
    return {"nodeType": "literal", "literalType": _KINDS[type(value)], "value": value}


def _lookup(field: Sequence[str]) -> dict[str, Any]:
    node: dict[str, Any] = {"nodeType": "parameterReference", "position": 1}
    for name in field:
        node = {"nodeType": "fieldLookup", "fieldName": name, "object": node}
    return node
