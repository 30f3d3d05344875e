"""Turns the attributes of a written document into values of columns (campaign 3.3)."""

from __future__ import annotations

from collections.abc import Iterator

from audience_gateway_sandbox.campaign.elements import Element, children, local_name
from audience_gateway_sandbox.campaign.expressions.moments import moment_text
from audience_gateway_sandbox.campaign.faults import MethodError
from audience_gateway_sandbox.campaign.schema import Attribute, Kind, Schema
from audience_gateway_sandbox.campaign.uuids import uuid_number

Value = str | int | None

_FLAGS = {"true": 1, "false": 0, "": 0}
_LARGEST = (1 << 63) - 1


def values_of(element: Element, schema: Schema) -> dict[str, Value]:
    """Read an element's attributes by the names of the schema's; those that it does not know are passed over.

    Raises MethodError for a text that its attribute cannot hold.
    """
    values: dict[str, Value] = {}
    for name, text in _attributes(element):
        attribute = schema.attribute_of.get(name)
        if attribute is not None:
            values[attribute.alias_of or attribute.name] = value_of(attribute, text)
    return values


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    """Go through the attributes of a record and of the elements in it, those as `location/@city`."""
    for name, text in element.attrib.items():
        yield str(name), str(text)
    for inner in children(element):
        for name, text in inner.attrib.items():
            yield f"{local_name(inner)}/@{name!s}", str(text)


def value_of(attribute: Attribute, text: str) -> Value:
    """Read one text. Raises MethodError if the attribute cannot hold it."""
    if attribute.kind.is_number:
        is_uuid = attribute.kind is Kind.UUID
        number = uuid_number(text) if is_uuid else _number(text.strip().lower(), attribute.kind)
        if number is None:
            raise MethodError(f"XTK-170007 The value of '@{attribute.name}' is no {attribute.kind.value}.")
        return number
    if attribute.kind.is_moment:
        return moment_text(text, attribute.kind) if text.strip() else None
    return text


def _number(text: str, kind: Kind) -> int | None:
    if text in _FLAGS and (kind is Kind.BOOLEAN or not text):
        return _FLAGS[text]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(_LARGEST)):
        return None
    return int(text) if abs(int(text)) <= _LARGEST else None
