"""Cuts expressions into tokens (campaign 3.3, 3.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from audience_gateway_sandbox.campaign.faults import unparsable


class TokenKind(Enum):
    """Kinds of tokens."""

    XPATH = auto()
    TEXT = auto()
    NUMBER = auto()
    MOMENT = auto()
    WORD = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: what it is.
        value: an XPath without its brackets, a text without quotes and escapes, a moment without `#`, a word in lower
            case, anything else as it stands.
    """

    kind: TokenKind
    value: str

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of some words; they may be written in any case."""
        return self.kind is TokenKind.WORD and self.value in words

    def is_sign(self, *signs: str) -> bool:
        """Tell whether it is one of some signs."""
        return self.kind is TokenKind.SIGN and self.value in signs


_TOKEN = re.compile(
    r"""\s*(?:
      \[\s*(?P<bracketed>[^\[\]'"]+?)\s*\]
    | (?P<xpath>@[^\W\d]\w*)
    | '(?P<text>(?:[^'\\]|\\.)*)'
    | \#(?P<moment>[^\#]*)\#
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><>|!=|<=|>=|[=<>(),])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def tokens(expression: str) -> list[Token]:
    """Cut an expression; the last token is END. Raises MethodError if it cannot be cut."""
    cut: list[Token] = []
    position = 0
    while not cut or cut[-1].kind is not TokenKind.END:
        found = _TOKEN.match(expression, position)
        if found is None:
            raise unparsable(expression)
        position = found.end()
        cut.append(_token(str(found.lastgroup), str(found[str(found.lastgroup)])))
    return cut


def _token(group: str, value: str) -> Token:
    match group:
        case "bracketed":
            return Token(TokenKind.XPATH, value)
        case "text":
            return Token(TokenKind.TEXT, _ESCAPED.sub(r"\1", value) if "\\" in value else value)
        case "word":
            return Token(TokenKind.WORD, value.lower())
        case _:
            return Token(TokenKind[group.upper()], value)
