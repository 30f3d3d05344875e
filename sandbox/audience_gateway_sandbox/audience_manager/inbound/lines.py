"""Lines of inbound data files (audience-manager 3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST_LINE = 102_400
"""Bytes; a longer line is dropped."""

_DEVICE_LABELS = {"idfa": 20915, "gaid": 20914}
_NUMBER = re.compile(r"[0-9]+", re.ASCII)
_REMOVED = re.compile(r"([0-9]+)\s*:\s*(?:0|-1)", re.ASCII)
_LARGEST_ID = 2**63
_CURLY = ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}")


class BadLine(ValueError):
    """A line that breaks the grammar; the text says how, without anything of the line."""


@dataclass(frozen=True, slots=True)
class Items:
    """What a line says of its user.

    Attributes:
        realized: ids of traits to realize.
        removed: ids of traits to take away.
        signals: pairs of a key and a value, in lower case.
        count: how many items there are.
    """

    realized: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    signals: tuple[tuple[str, str], ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One user's line.

    Attributes:
        user: the id.
        items: what it says.
        data_source_id: of the id, if the line tells it; 0 if the name of the file does.
    """

    user: str
    items: Items
    data_source_id: int = 0


def text_of(raw: bytes) -> str:
    """Decode a line and strip what ends it. Raises BadLine for one that is too long or no UTF-8."""
    if len(raw) > LONGEST_LINE:
        raise BadLine(f"it is longer than {LONGEST_LINE} bytes")
    try:
        return raw.decode().removesuffix("\r")
    except UnicodeDecodeError:
        raise BadLine("it is neither ASCII nor UTF-8") from None


def read_line(raw: bytes, *, names_devices: bool = False, may_be_empty: bool = False) -> Line:
    """Read a line.

    Args:
        raw: its bytes, without the line feed.
        names_devices: it begins with the kind of its device id, as those of Oracle Data Cloud.
        may_be_empty: a user without items clears what that user has (`.overwrite`).

    Raises BadLine with what is wrong.
    """
    columns = text_of(raw).split("\t")
    source = 0
    if names_devices:
        source = _DEVICE_LABELS.get(columns.pop(0).lower(), 0)
        if not source:
            raise BadLine("it does not begin with the kind of its device id, idfa or gaid")
    if len(columns) != 2:  # noqa: PLR2004 - a user and items
        raise BadLine("there is not exactly one tab between the user and the items")
    user, items = columns
    if not user.strip():
        raise BadLine("there is no user")
    if not items.strip():
        if may_be_empty:
            return Line(user, Items(), source)
        raise BadLine("there are no items")
    return Line(user, read_items(items), source)


@lru_cache(maxsize=4096)
def read_items(text: str) -> Items:
    """Read the items of a line, commas between them. Raises BadLine with what is wrong."""
    realized, removed, signals = [], [], []
    count = 0
    for item in _split(text):
        count += 1
        if _NUMBER.fullmatch(item):
            signals.append(("ic", item))
        elif match := _REMOVED.fullmatch(item):
            removed.append(_id(match[1]))
        else:
            key, value = _pair(item)
            if key == "d_sid":
                realized.append(_id(value))
            elif key == "d_unsid":
                removed.append(_id(value))
            else:
                signals.append((key, value))
    return Items(tuple(realized), tuple(removed), tuple(signals), count)


def _split(text: str) -> Iterator[str]:
    if text.count('"') % 2:
        raise BadLine("a quotation mark is not closed")
    parts = text.split(",") if '"' not in text else _outside_quotes(text)
    for part in parts:
        item = part.strip(" ")
        if not item:
            raise BadLine("an item is empty")
        yield item


def _outside_quotes(text: str) -> list[str]:
    found, quoted = [""], False
    for index, piece in enumerate(text.split('"')):
        quoted = index % 2 == 1
        if quoted:
            found[-1] += f'"{piece}"'
            continue
        first, *others = piece.split(",")
        found[-1] += first
        found += others
    return found


_PAIR = re.compile(r'(?:"(?P<quoted_key>[^"]*)"|(?P<key>[^"=]*?)) *= *(?:"(?P<quoted>[^"]*)"|(?P<value>[^"]*))')


def _pair(item: str) -> tuple[str, str]:
    if any(quote in item for quote in _CURLY):
        raise BadLine("it has curly quotation marks")
    match = _PAIR.fullmatch(item)
    if match is None:
        raise BadLine("an item is neither an id nor a key and a value with = between them")
    key = (match["quoted_key"] or match["key"] or "").strip(" ").removeprefix("-").strip(" ").lower()
    value = (match["quoted"] if match["quoted"] is not None else match["value"].strip(" ")).lower()
    if not key or not value:
        raise BadLine("an item lacks its key or its value")
    return key, value


def _id(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) >= _LARGEST_ID:
        raise BadLine("a trait id is no number")
    return int(text)
