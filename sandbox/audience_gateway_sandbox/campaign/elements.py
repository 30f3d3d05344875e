"""Finds elements by their local names: callers put payloads in any namespace or none (campaign 3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001  # lxml has no public name for its type of elements


def local_name(element: Element) -> str:
    """Tell an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(parent: Element, name: str = "*") -> Iterator[Element]:
    """Go through the child elements of a name."""
    return parent.iterchildren("*" if name == "*" else f"{{*}}{name}")


def child(parent: Element, name: str = "*") -> Element | None:
    """Find the first child element of a name."""
    return next(children(parent, name), None)


def text_of(element: Element) -> str:
    """Read all text inside an element, without blanks around it."""
    return str(element.xpath("string()")).strip()
