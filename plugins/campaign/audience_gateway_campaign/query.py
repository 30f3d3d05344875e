"""Query documents of `xtk:queryDef` (campaign 3.6) and the escaping of what goes into them (campaign 3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from audience_gateway.sdk import Permanent
from lxml import etree

from audience_gateway_campaign.envelope import Element

COUNTED = "@counted"
"""Where the count of a query goes that counts."""

_INTEGER = re.compile(r"-?\d{1,19}")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Linked:
    """A condition that records of an unbound link must meet."""

    link: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to ask of one schema.

    Attributes:
        schema: e.g. `nms:recipient`.
        select: attributes and XPaths over links, e.g. `@id`, `[recipient/@email]`.
        where: conditions, all of which must hold.
        order_by: attribute to order by; empty for none.
        descending: whether the order is downwards.
        rows: most rows of the answer; Campaign's own default is 200.
        counted_by_first: whether there is one row for each value of the first attribute, and the number of records
            with it as `COUNTED`.
    """

    schema: str
    select: tuple[str, ...]
    where: tuple[str | Linked, ...] = ()
    order_by: str = ""
    descending: bool = False
    rows: int = 500
    counted_by_first: bool = False

    def and_select(self, expressions: tuple[str, ...]) -> Query:
        """Ask for more attributes."""
        return replace(self, select=(*self.select, *expressions))

    def document(self, operation: Literal["select", "count"] = "select") -> Element:
        """Write the query as a document."""
        root = etree.Element("queryDef", schema=self.schema, operation=operation)
        if operation == "select":
            root.set("lineCount", str(self.rows))
            nodes = _nodes(root, "select", (*self.select, "Count()") if self.counted_by_first else self.select)
            if self.counted_by_first:
                nodes[0].set("groupBy", "true")
                nodes[-1].set("alias", COUNTED)
        if self.where:
            where = etree.SubElement(root, "where")
            for condition in self.where:
                _add_condition(where, condition)
        if self.order_by and operation == "select":
            (node,) = _nodes(root, "orderBy", (self.order_by,))
            if self.descending:
                node.set("sortDesc", "true")
        return root


def literal(value: str) -> str:
    """Quote a text for an expression. Raises Permanent if XML cannot carry it."""
    if not fits_xml(value):
        raise Permanent("A text holds a control character that Campaign cannot be asked for.")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def fits_xml(text: str) -> bool:
    """Tell whether XML can carry a text."""
    return _NOT_IN_XML.search(text) is None


def is_integer(key: str) -> bool:
    """Tell whether a primary key is a number (v7) or a text (v8, UUID)."""
    return _INTEGER.fullmatch(key) is not None


def key_literal(key: str) -> str:
    """Write a primary key for an expression."""
    return key if is_integer(key) else literal(key)


def path_of(expression: str) -> tuple[tuple[str, ...], str]:
    """Split an XPath into its links and its attribute: `[recipient/@email]` into `("recipient",)` and `email`."""
    *links, attribute = expression.strip("[]").split("/")
    return tuple(links), attribute.removeprefix("@")


def _nodes(root: Element, name: str, expressions: tuple[str, ...]) -> list[Element]:
    parent = etree.SubElement(root, name)
    return [etree.SubElement(parent, "node", expr=expression) for expression in expressions]


def _add_condition(where: Element, condition: str | Linked) -> None:
    if isinstance(condition, str):
        etree.SubElement(where, "condition", expr=condition)
    else:
        linked = etree.SubElement(where, "condition", expr=condition.link, setOperator="EXISTS")
        etree.SubElement(linked, "condition", expr=condition.condition)
