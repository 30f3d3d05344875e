"""Reads query documents. Elements count by their local names, whatever namespace they inherit (campaign 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway_sandbox.campaign.elements import Element, child, children
from audience_gateway_sandbox.campaign.faults import MethodError

DEFAULT_ROWS = 200
OPERATIONS = {
    "select": "select",
    "get": "get",
    "getIfExists": "getIfExists",
    "getIfExist": "getIfExists",
    "count": "count",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A selected expression.

    Attributes:
        expression: an XPath or a computed value.
        alias: where its value goes in the result, if not where the XPath says.
    """

    expression: str
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An expression to order by."""

    expression: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, or several in brackets.

    Attributes:
        expression: what must hold; with a set operator, the link or value that it is about.
        operator: joins the condition to the one behind it: `AND` or `OR`.
        set_operator: `EXISTS`, `NOT EXISTS`, `IN`, `NOT IN` or empty.
        parts: the conditions inside.
        subquery: another query, whose rows the set operator looks at.
    """

    expression: str
    operator: str
    set_operator: str
    parts: tuple[Condition, ...]
    subquery: Query | None


@dataclass(frozen=True, slots=True)
class Query:
    """A query document.

    Attributes:
        schema: what to read.
        operation: one of the values of OPERATIONS.
        first: how many rows to pass over.
        rows: most rows of the result.
        groups: expressions whose equal values make one row.
        group_conditions: what must hold of such a row.
    """

    schema: str
    operation: str
    first: int
    rows: int
    columns: tuple[Column, ...]
    conditions: tuple[Condition, ...]
    groups: tuple[str, ...]
    group_conditions: tuple[Condition, ...]
    orders: tuple[Order, ...]
    distinct: bool


def read_query(document: Element) -> Query:
    """Read a `queryDef` element or a `subQuery`. Raises MethodError."""
    operation = document.get("operation", "select")
    if operation not in OPERATIONS:
        raise MethodError(f"XTK-170006 Unknown query operation '{operation}'.")
    where, having = child(document, "where"), child(document, "having")
    selected = _nodes(document, "select")
    grouped = [*(node for node in selected if _flag(node, "groupBy")), *_nodes(document, "groupBy")]
    return Query(
        document.get("schema", ""),
        OPERATIONS[operation],
        _number(document, "startLine", 0),
        _number(document, "lineCount", DEFAULT_ROWS),
        tuple(Column(_expression(node), node.get("alias", "")) for node in selected),
        () if where is None else _conditions(where),
        tuple(_expression(node) for node in grouped),
        () if having is None else _conditions(having),
        tuple(Order(_expression(node), _flag(node, "sortDesc")) for node in _nodes(document, "orderBy")),
        _flag(document, "distinct"),
    )


def _conditions(parent: Element) -> tuple[Condition, ...]:
    return tuple(_condition(element) for element in children(parent, "condition"))


def _condition(element: Element) -> Condition:
    operator = (element.get("bool-operator") or element.get("boolOperator") or "AND").strip().upper()
    set_operator = " ".join(element.get("setOperator", "").upper().split())
    if operator not in {"AND", "OR"} or set_operator not in {"", "EXISTS", "NOT EXISTS", "IN", "NOT IN"}:
        raise MethodError("XTK-170006 Unknown operator of a condition.")
    inner = child(element, "subQuery")
    return Condition(
        element.get("expr", "").strip(),
        operator,
        set_operator,
        _conditions(element),
        None if inner is None else read_query(inner),
    )


def _nodes(document: Element, name: str) -> list[Element]:
    parent = child(document, name)
    return [] if parent is None else list(children(parent, "node"))


def _expression(node: Element) -> str:
    expression = node.get("expr", "").strip()
    if not expression:
        raise MethodError("XTK-170006 A node of the query has no expression.")
    return expression


def _flag(element: Element, name: str) -> bool:
    return element.get(name, "").lower() in {"true", "1"}


def _number(document: Element, name: str, default: int) -> int:
    text = document.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise MethodError(f"XTK-170006 The attribute '{name}' of the query is no number.")
    return min(int(text), (1 << 63) - 1)
