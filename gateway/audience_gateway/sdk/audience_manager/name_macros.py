"""Macros that layouts of outbound names are made of (audience-manager 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_TOKEN = re.compile(
    r"<(?P<macro>[A-Z_]+)(?:; *format=\"(?P<format>[A-Za-z]+)\")?>|(?P<bracket>[\[\]])|(?P<text>[^<>\[\]]+)"
)
_YEAR_TO_SECOND = "YYYYMMDDhhmmss"
_CHARACTERS = {"ASCII_SOH": "\x01", "NEW_LINE": "\n", "TAB": "\t"}
_FIELDS = {
    "SYNC_TYPE": ("sync_type", "(?P<sync_type>s3|ftp|http)"),
    "DID": ("destination_id", "(?P<did>[0-9]+)"),
    "ORDER_ID": ("destination_id", "(?P<did>[0-9]+)"),  # assumption: the destination's id under its older name
    "MASTER_DPID": ("data_source_id", "(?P<master>[0-9]+)"),
    "DPID": ("partner_data_source_id", "(?P<dpid>[0-9]+)"),
    "PID_ALIAS": ("alias", "(?P<alias>.+)"),
    "SYNC_MODE": ("mode", "(?P<mode>full|iter)"),
}


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of a layout.

    Attributes:
        pattern: regular expression of what it may be.
        attribute: whose value of a name it holds; empty if it always is the same.
        before: text before the value.
        after: text behind it.
        digits: fewest digits of the value; 0 if it is no number or has no fewest ones.
        optional: whether it is left out if the value is empty or 0.
    """

    pattern: str
    attribute: str = ""
    before: str = ""
    after: str = ""
    digits: int = 0
    optional: bool = False

    def write(self, name: object) -> str:
        """What it is in a name that has the attribute."""
        value = getattr(name, self.attribute) if self.attribute else ""
        return "" if self.optional and not value else f"{self.before}{str(value).zfill(self.digits)}{self.after}"


def elements(layout: str, *, timestamp_digits: int, split_digits: int) -> tuple[Element, ...]:
    """Takes a layout apart. Raises ValueError if a macro is unknown or stands twice, or a bracket does not close."""
    found = list[Element]()
    group: list[Element] | None = None
    for token in _tokens(layout):
        if token["bracket"] == "[" and group is None:
            group = []
        elif token["bracket"] == "]" and group is not None:
            found.append(_optional(group))
            group = None
        elif token["bracket"]:
            raise ValueError("brackets of a layout do not stand within each other, and close")
        else:
            element = _text(token["text"]) if token["text"] else _macro(token, timestamp_digits, split_digits)
            (found if group is None else group).append(element)
    if group is not None:
        raise ValueError("a bracket of the layout does not close")
    attributes = [element.attribute for element in found if element.attribute]
    if len(set(attributes)) < len(attributes):
        raise ValueError("a macro of the layout stands twice")
    return tuple(found)


def _tokens(layout: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(layout):
        token = _TOKEN.match(layout, position)
        if token is None:
            raise ValueError("the layout is no sequence of texts, brackets and macros such as `<TIMESTAMP>`")
        yield token
        position = token.end()


def _text(text: str) -> Element:
    return Element(re.escape(text), before=text)


def _macro(token: re.Match[str], timestamp_digits: int, split_digits: int) -> Element:
    macro, form = token["macro"], token["format"]
    if form and (macro != "TIMESTAMP" or form != _YEAR_TO_SECOND):
        raise ValueError(f"only a timestamp has a format, and only `{_YEAR_TO_SECOND}`")
    if macro == "TIMESTAMP":
        digits = len(_YEAR_TO_SECOND) if form else timestamp_digits
        return Element(f"(?P<timestamp>[0-9]{{{digits}}})", "timestamp", digits=digits)
    if macro == "SPLITNUM":
        pattern = f"(?:(?P<split>[0-9]{{{split_digits},}})|-(?P<number>[0-9]+))?"
        return Element(pattern, "split", digits=split_digits, optional=True)
    if macro in _CHARACTERS:
        return _text(_CHARACTERS[macro])
    if macro not in _FIELDS:
        raise ValueError(f"the layout has an unknown macro, `{macro}`")
    attribute, pattern = _FIELDS[macro]
    return Element(pattern, attribute)


def _optional(group: list[Element]) -> Element:
    values = [index for index, element in enumerate(group) if element.attribute]
    if len(values) != 1:
        raise ValueError("between brackets stands one macro of a value")
    (index,) = values
    return replace(
        group[index],
        pattern=f"(?:{''.join(element.pattern for element in group)})?",
        before="".join(element.before for element in group[:index]),
        after="".join(element.before for element in group[index + 1 :]),
        optional=True,
    )
