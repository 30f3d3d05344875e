"""Parses what the rules of traits and of segments share, by recursive descent: OR, AND, NOT, parentheses, atom."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

from audience_gateway_sandbox.audience_manager.rules.tree import Either, Every, Negation, Tree

Atom = TypeVar("Atom")
_DEEPEST = 50
_END = "end"
_BLANKS = re.compile(r"\s*")


class RuleError(ValueError):
    """A rule that cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: the name of its group, its text, and where it begins, counted from 1."""

    kind: str
    text: str
    place: int


class RuleParser(ABC, Generic[Atom]):
    """Reads one rule.

    Args:
        text: the rule.
        token: matches one token; its groups are `word`, `sign` and what `atom` reads besides.

    Raises RuleError if the rule cannot be cut into tokens, or has parentheses too deep.
    """

    def __init__(self, text: str, token: re.Pattern[str]) -> None:
        self._tokens = _cut(text, token)
        self._next = 0
        depths = accumulate((each.text == "(") - (each.text == ")") for each in self._tokens if each.kind == "sign")
        if max(depths, default=0) > _DEEPEST:
            raise RuleError(f"Its parentheses are more than {_DEEPEST} deep.")

    def whole(self) -> Tree[Atom]:
        """Read the rule to its end. Raises RuleError if it breaks the grammar."""
        tree = self._alternatives()
        if self.peek().kind != _END:
            raise self.broken("AND, OR or the end")
        return tree

    @abstractmethod
    def atom(self) -> Tree[Atom]:
        """Read one condition."""

    def peek(self) -> Token:
        """Look at the next token."""
        return self._tokens[self._next]

    def takes(self, *texts: str) -> bool:
        """Go past the next token if it is a word or a sign of some; words may be written in any case."""
        token = self.peek()
        taken = token.kind in {"word", "sign"} and token.text.upper() in texts
        self._next += taken
        return taken

    def expect(self, kind: str, what: str) -> str:
        """Go past a token of a kind and tell its text. Raises RuleError that names `what` if it is another."""
        token = self.peek()
        if token.kind != kind:
            raise self.broken(what)
        self._next += 1
        return token.text

    def expect_sign(self, sign: str) -> None:
        """Go past a sign. Raises RuleError if something else is there."""
        if not self.takes(sign):
            raise self.broken(sign)

    def broken(self, expected: str) -> RuleError:
        """Make an error that tells what should stand here."""
        token = self.peek()
        found = "the end" if token.kind == _END else f"'{token.text}'"
        return RuleError(f"At character {token.place} there should be {expected}, not {found}.")

    def wrong(self, token: Token, finding: str) -> RuleError:
        """Make an error that tells what is wrong with a token."""
        return RuleError(f"At character {token.place}: {finding}.")

    def _alternatives(self) -> Tree[Atom]:
        parts = self._joined("OR", self._conjunction)
        return parts[0] if len(parts) == 1 else Either(parts)

    def _conjunction(self) -> Tree[Atom]:
        parts = self._joined("AND", self._negation)
        return parts[0] if len(parts) == 1 else Every(parts)

    def _joined(self, word: str, part: Callable[[], Tree[Atom]]) -> tuple[Tree[Atom], ...]:
        parts = [part()]
        while self.takes(word):
            parts.append(part())
        return tuple(parts)

    def _negation(self) -> Tree[Atom]:
        negations = 0
        while self.takes("NOT"):
            negations += 1
        tree = self._parenthesis()
        return Negation(tree) if negations % 2 else tree

    def _parenthesis(self) -> Tree[Atom]:
        if not self.takes("("):
            return self.atom()
        tree = self._alternatives()
        self.expect_sign(")")
        return tree


def _cut(text: str, token: re.Pattern[str]) -> list[Token]:
    cut: list[Token] = []
    position = _after_blanks(text, 0)
    while position < len(text):
        found = token.match(text, position)
        if found is None or found.lastgroup is None:
            raise RuleError(f"'{text[position]}' at character {position + 1} is not part of a rule.")
        cut.append(Token(found.lastgroup, found[found.lastgroup], position + 1))
        position = _after_blanks(text, found.end())
    return [*cut, Token(_END, "", len(text) + 1)]


def _after_blanks(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return found.end() if found else position
