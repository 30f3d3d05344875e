"""Lines of Audience Manager's inbound data files, `<user id>TAB<item>,<item>...` (audience-manager 3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

MAX_LINE_BYTES = 102_400
"""Audience Manager drops longer lines."""

LABELS = frozenset({"idfa", "gaid"})
"""What stands before ids of phones in files of the Oracle Data Cloud, in any case; the second one is an assumption."""

_UNQUOTED = r'[^"“”=,\t\r\n ](?:[^"“”=,\t\r\n]*[^"“”=,\t\r\n ])?'
_KEY = rf'(?:"(?P<key_quoted>[^"\t\r\n]*)"|(?P<key>{_UNQUOTED}))'
_VALUE = rf'(?:"(?P<value_quoted>[^"\t\r\n]*)"|(?P<value>{_UNQUOTED}))'
_ITEM = re.compile(rf" *(?:(?P<number>[0-9]+)(?P<removed>:0|:-1)?|{_KEY} *= *{_VALUE}) *(?=,|\Z)")
_PLAIN = re.compile(_UNQUOTED)
_UUID = re.compile(r"[0-9]{38}")
_FORBIDDEN_IN_ID = re.compile(r":|%3A|\t|\r|\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RealiseTrait:
    """`d_sid=24`: the user gets a trait."""

    trait: int

    def __str__(self) -> str:
        return f"d_sid={self.trait}"


@dataclass(frozen=True, slots=True)
class RemoveTrait:
    """`d_unsid=24`, `24:0`, `24:-1`: the user loses a trait."""

    trait: int

    def __str__(self) -> str:
        return f"d_unsid={self.trait}"


@dataclass(frozen=True, slots=True)
class Signal:
    """`key=value`: something that rules of traits ask for; a bare number is the value of the key `ic`.

    A value with a quote cannot be written: no escape is documented.
    """

    key: str
    value: str

    def __post_init__(self) -> None:
        if not self.key or re.search(r'["\t\r\n]', self.key + self.value):
            raise ValueError("a signal needs a key, and holds neither quote, TAB nor newline")
        if self.key.lower() in {"d_sid", "d_unsid"} or self.key.startswith("-"):
            raise ValueError("the key stands for something else in a line")

    def __str__(self) -> str:
        return f"{_quoted(self.key)}={_quoted(self.value)}"


Item = RealiseTrait | RemoveTrait | Signal


@dataclass(frozen=True, slots=True)
class InboundLine:
    """What one line says about one user.

    Attributes:
        user_id: its id, without `:` and `%3A`.
        items: what is said, in the line's order; none in a file that overwrites: the user loses all traits.
        label: kind of the id, which stands before it in files of the Oracle Data Cloud; empty in others.
    """

    user_id: str
    items: tuple[Item, ...]
    label: str = ""

    def __post_init__(self) -> None:
        if not self.user_id or _FORBIDDEN_IN_ID.search(self.user_id):
            raise ValueError("an id is empty or holds `:`, `%3A`, TAB or newline")
        if self.label and self.label.lower() not in LABELS:
            raise ValueError("the label is none of the Oracle Data Cloud's")

    def __str__(self) -> str:
        label = f"{self.label}\t" if self.label else ""
        return f"{label}{self.user_id}\t{','.join(str(item) for item in self.items)}"

    @classmethod
    def parse(
        cls, line: str, *, uuid_source: bool = False, overwrite: bool = False, oracle_data_cloud: bool = False
    ) -> Self | None:
        """Reads a line without its LF; None if it breaks the grammar or is too long.

        Args:
            line: the line; a final CR is left out.
            uuid_source: whether the ids are Audience Manager's own, which have 38 digits.
            overwrite: whether the file overwrites, so that nothing need be said.
            oracle_data_cloud: whether a label stands before the id.
        """
        line = line.removesuffix("\r")
        label, _, line = line.partition("\t") if oracle_data_cloud else ("", "", line)
        user_id, tab, rest = line.partition("\t")
        if not tab or len(line.encode()) > MAX_LINE_BYTES or (oracle_data_cloud and not label):
            return None
        nothing = overwrite and not rest.strip(" ")
        items = [] if nothing else parse_items(rest)
        if items is None or (uuid_source and not _UUID.fullmatch(user_id)):
            return None
        try:
            return cls(user_id, tuple(items), label)
        except ValueError:
            return None


def parse_items(text: str) -> list[Item] | None:
    """Reads what a line says behind its id; None if it breaks the grammar, as one that says nothing does."""
    items: list[Item] = []
    position = -1
    while position < len(text):
        match = _ITEM.match(text, position + 1)
        item = _item(match) if match else None
        if match is None or item is None:
            return None
        items.append(item)
        position = match.end()
    return items


def _item(match: re.Match[str]) -> Item | None:
    if match["number"]:
        return RemoveTrait(int(match["number"])) if match["removed"] else Signal("ic", match["number"])
    key = (match["key"] or match["key_quoted"] or "").removeprefix("-")
    value = match["value"] or match["value_quoted"] or ""
    if key.lower() in {"d_sid", "d_unsid"}:
        trait = RealiseTrait if key.lower() == "d_sid" else RemoveTrait
        return trait(int(value)) if re.fullmatch("[0-9]+", value) else None
    try:
        return Signal(key, value)
    except ValueError:
        return None


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f'"{text}"'
