"""What a written element asks for, and what it is told apart by (campaign 3.7)."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum

from audience_gateway_sandbox.campaign.elements import Element
from audience_gateway_sandbox.campaign.faults import MethodError, unknown_attribute, unparsable
from audience_gateway_sandbox.campaign.schema import Schema

_XPATH = re.compile(r"(?:(?P<link>[^\W\d]\w*)/)?@?(?P<attribute>[^\W\d][\w-]*)")


class Operation(Enum):
    """The values of `_operation`."""

    INSERT = "insert"
    INSERT_OR_UPDATE = "insertOrUpdate"
    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"


def operation_of(element: Element) -> Operation:
    """Read `_operation`. Raises MethodError for one that there is not."""
    text = element.get("_operation", "") or Operation.INSERT_OR_UPDATE.value
    try:
        return Operation(text)
    except ValueError:
        raise MethodError(f"XTK-170008 Unknown operation '{text}'.") from None


def key_of(element: Element, schema: Schema, given: Collection[str]) -> tuple[str, ...]:
    """Tell which attributes identify the record.

    Args:
        element: its `_key`, a list of XPaths, decides; an XPath over a link stands for the attribute behind the link.
        schema: else its first key of which all attributes are given does.
        given: the attributes whose values are known.

    Raises MethodError if there is no key, or if a value of it is missing.
    """
    listed = element.get("_key", "")
    if listed.strip():
        key = tuple(_key_attribute(xpath, schema) for xpath in listed.split(","))
    else:
        known = (names for names in schema.keys.values() if set(names) <= set(given))
        key = next(known, next(iter(schema.keys.values())))
    missing = [name for name in key if name not in given]
    if missing:
        raise MethodError(f"XTK-170009 The document has no value for '@{missing[0]}', a key of '{schema.id}'.")
    return key


def _key_attribute(xpath: str, schema: Schema) -> str:
    found = _XPATH.fullmatch(xpath.strip().removeprefix("[").removesuffix("]").strip())
    if found is None:
        raise unparsable(xpath)
    if found["link"]:
        link = schema.link_of.get(found["link"])
        if link is None or link.unbound:
            raise unknown_attribute(xpath, schema.id)
        return link.here
    attribute = schema.attribute_of.get(found["attribute"])
    if attribute is None:
        raise unknown_attribute(xpath, schema.id)
    return attribute.alias_of or attribute.name
