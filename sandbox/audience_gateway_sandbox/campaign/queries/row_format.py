"""Writes rows as elements: attributes where the selected XPaths say, one element a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from audience_gateway_sandbox.campaign.schema import Kind
from audience_gateway_sandbox.campaign.uuids import uuid_text

_SPECIAL = re.compile('[&<>"\t\n\r]')
_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}


def escaped(text: str) -> str:
    """Escape a text for the inside of an element or of an attribute between double quotes."""
    return _SPECIAL.sub(lambda found: _ENTITIES[found[0]], text) if _SPECIAL.search(text) else text


@dataclass(slots=True)
class _Node:
    """An element of the result: attributes by the position of their column, and child elements."""

    attributes: dict[str, int] = field(default_factory=dict)
    children: dict[str, _Node] = field(default_factory=dict)

    def place(self, path: Sequence[str], position: int) -> None:
        node = self
        for link in path[:-1]:
            node = node.children.setdefault(link, _Node())
        node.attributes.setdefault(path[-1], position)

    def template(self, name: str, order: list[int]) -> str:
        order.extend(self.attributes.values())
        attributes = "".join(f' {attribute}="%s"' for attribute in self.attributes)
        inside = "".join(node.template(link, order) for link, node in self.children.items())
        return f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes}/>"


class RowFormat:
    """The shape of one row.

    Args:
        root: name of its element.
        paths: where each column goes: names of links, then the name of an attribute.
        kinds: type of each column.
    """

    def __init__(self, root: str, paths: Sequence[Sequence[str]], kinds: Sequence[Kind | None]) -> None:
        tree = _Node()
        for position, path in enumerate(paths):
            tree.place(path, position)
        order: list[int] = []
        self._template = tree.template(root, order)
        self._columns = [(position, _writer(kinds[position])) for position in order]

    def write(self, rows: Iterable[Sequence[object]]) -> str:
        """Write rows as elements side by side."""
        template, columns = self._template, self._columns
        return "".join(template % tuple(write(row[at]) for at, write in columns) for row in rows)


def _writer(kind: Kind | None) -> Callable[[object], object]:
    if kind is Kind.UUID:
        return _uuid
    return _number if kind is not None and kind.is_number else _text


def _uuid(value: object) -> str:
    return uuid_text(value) if isinstance(value, int) else ""


def _number(value: object) -> object:
    return 0 if value is None else value


def _text(value: object) -> str:
    return "" if value is None else escaped(str(value))
