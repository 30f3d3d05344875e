"""Which fields of profiles an audience's rule asks, so that their labels count (rtcdp 8.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TEXTS = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
_WORDS = re.compile(r"(?<![\w.])[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*(\s*\()?")
_NO_FIELDS = frozenset(
    {"and", "or", "not", "in", "true", "false", "null", "exists", "forall", "select", "from", "where"}
)


def rule_fields(expression: object) -> frozenset[str]:
    """Dotted names of the fields in an `expression` as audiences show it, `pql/text` or `pql/json`.

    Words that are no fields may be among them: a label is looked for at a field that is not there, and none is found.
    """
    if not isinstance(expression, dict):
        return frozenset()
    value = str(expression.get("value", ""))
    if "json" not in str(expression.get("format", "")).lower():
        return frozenset(_of_text(value))
    try:
        return frozenset(_of_tree(json.loads(value)))
    except (ValueError, RecursionError):
        return frozenset(_of_text(value))


def schema_path(field: str) -> str:
    """A dotted field as labels name it: `person.name` is `/properties/person/properties/name`."""
    return "".join(f"/properties/{name}" for name in field.split("."))


def _of_text(text: str) -> Iterator[str]:
    for found in _WORDS.finditer(_TEXTS.sub('""', text)):
        names = found[0].rstrip("( \t\n").split(".")
        if found[1]:
            names.pop()  # a function, of the field in front of it or of none
        if names and ".".join(names).lower() not in _NO_FIELDS:
            yield ".".join(names)


def _of_tree(root: Any) -> Iterator[str]:  # noqa: ANN401  # whatever JSON holds
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            names = list(_names(node))
            if names:
                yield ".".join(reversed(names))
            waiting += [inner for name, inner in node.items() if not names or name != "object"]


def _names(node: Mapping[str, Any]) -> Iterator[str]:
    while isinstance(node, dict) and isinstance(node.get("fieldName"), str):
        yield node["fieldName"]
        node = node.get("object") or {}
