"""Templates of outbound names and lines: text with macros, `<DP_UUID><TAB><SEGMENT_LIST; separator=",">`.

The notation is that of the documents (audience-manager 4): `<MACRO>`, `<LIST; separator=" ">`,
`<LIST:{each|<each.sid>}; separator=",">` and `<if(LIST && LIST)>...<endif>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Item: TypeAlias = Mapping[str, str]
"""One entry of a list: its fields; `sid` is what is written if the template does not say what."""

Text: TypeAlias = str | Callable[[str], str]
"""What a macro stands for; a function of its `format` if it takes one."""


class TemplateError(ValueError):
    """A template that breaks the notation or names an unknown macro; the text says which part."""


@dataclass(frozen=True, slots=True)
class Values:
    """What the macros of one name or line stand for.

    Attributes:
        texts: by macro.
        lists: by macro.
    """

    texts: Mapping[str, Text] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Item]] = field(default_factory=dict)


Piece: TypeAlias = Callable[[Values], str]

CONSTANTS: Mapping[str, str] = {
    "TAB": "\t",
    "NEW_LINE": "\n",
    "ASCII_SOH": "\x01",
    "COMMA": ",",
    "OPEN_CURLY_BRACKET": "{",
    "CLOSE_CURLY_BRACKET": "}",
    "SET_ATTRIBUTES": "1",
    "OUTPUT_ATTRIBUTE_VALUE": "1",
}
_OPTION = re.compile(r'\s*(?P<name>separator|format)\s*=\s*(?:"(?P<text>[^"]*)"|(?P<macro>[A-Z_]+))\s*')
_CONDITION = re.compile(r"if\(\s*(?P<lists>[A-Z_]+(?:\s*&&\s*[A-Z_]+)*)\s*\)")
_MACRO = re.compile(r"(?P<name>[A-Z_]+)\s*(?::\{(?P<each>\w+)\|(?P<inner>.*)\})?(?P<options>(?:;.*)?)", re.DOTALL)


class Template:
    """A template that has been read.

    Args:
        text: the template.
        texts: macros that stand for a text.
        lists: macros that stand for a list.

    Raises TemplateError if it cannot be read or has other macros.
    """

    def __init__(self, text: str, texts: Sequence[str], lists: Sequence[str] = ()) -> None:
        self.text = text
        self._texts, self._lists = frozenset(texts) | CONSTANTS.keys(), frozenset(lists)
        tokens = list(_tokens(text))
        tokens.reverse()
        self._pieces = self._block(tokens)
        if tokens:
            raise TemplateError("<endif> has no <if(...)> before it")

    def fill(self, values: Values) -> str:
        """Write the text for values."""
        return "".join([piece(values) for piece in self._pieces])

    def _block(self, tokens: list[tuple[str, bool]]) -> list[Piece]:
        pieces: list[Piece] = []
        while tokens:
            text, is_macro = tokens.pop()
            if not is_macro:
                pieces.append(_literal(text))
            elif text == "endif":
                tokens.append((text, is_macro))
                break
            elif condition := _CONDITION.fullmatch(text):
                pieces.append(self._conditional(condition, tokens))
            else:
                pieces.append(self._macro(text))
        return pieces

    def _conditional(self, condition: re.Match[str], tokens: list[tuple[str, bool]]) -> Piece:
        names = re.split(r"\s*&&\s*", condition["lists"])
        if unknown := set(names) - self._lists:
            raise TemplateError(f"a condition asks for {', '.join(sorted(unknown))}, which is no list")
        block = self._block(tokens)
        if not tokens:
            raise TemplateError("an <if(...)> has no <endif>")
        tokens.pop()

        def write(values: Values) -> str:
            holds = all(values.lists[name] for name in names)
            return "".join([piece(values) for piece in block]) if holds else ""

        return write

    def _macro(self, text: str) -> Piece:
        match = _MACRO.fullmatch(text.strip())
        if match is None:
            raise TemplateError(f"<{text}> is no macro")
        name, options = match["name"], _options(match["options"])
        if name in self._lists:
            return _list(name, match["each"], match["inner"], options.get("separator", ","))
        if name in CONSTANTS:
            return _literal(CONSTANTS[name])
        if name not in self._texts:
            raise TemplateError(f"there is no macro {name} here")

        def write(values: Values) -> str:
            value = values.texts[name]
            return value if isinstance(value, str) else value(options.get("format", ""))

        return write


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Cut a template into texts and the insides of `<...>`, which may hold others between braces."""
    found: list[tuple[str, bool]] = []
    position = 0
    while (start := text.find("<", position)) >= 0:
        if start > position:
            found.append((text[position:start], False))
        depth, end = 0, start + 1
        while end < len(text) and (depth or text[end] != ">"):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        if end >= len(text):
            raise TemplateError("a < has no > after it")
        found.append((text[start + 1 : end], True))
        position = end + 1
    return [*found, (text[position:], False)]


def _literal(text: str) -> Piece:
    return lambda _: text


def _list(name: str, each: str | None, inner: str | None, separator: str) -> Piece:
    if each is None or inner is None:
        return lambda values: separator.join([item["sid"] for item in values.lists[name]])
    pieces = [_field(text, each) if is_macro else _verbatim(text) for text, is_macro in _tokens(inner)]
    return lambda values: separator.join(["".join([piece(item) for piece in pieces]) for item in values.lists[name]])


def _verbatim(text: str) -> Callable[[Item], str]:
    return lambda _: text


def _field(text: str, each: str) -> Callable[[Item], str]:
    variable, dot, name = text.strip().partition(".")
    if not dot and variable in CONSTANTS:
        return _verbatim(CONSTANTS[variable])
    if variable != each or not name.isidentifier():
        raise TemplateError(f"<{text}> is neither a field of {each} nor a constant")

    def write(item: Item) -> str:
        return item.get(name, "")

    return write


def _options(text: str) -> dict[str, str]:
    found = {}
    for option in filter(None, text.split(";")):
        match = _OPTION.fullmatch(option)
        if match is None or (match["macro"] and match["macro"] not in CONSTANTS):
            raise TemplateError(f"`{option.strip()}` is neither a separator nor a format")
        found[match["name"]] = match["text"] if match["text"] is not None else CONSTANTS[match["macro"]]
    return found
