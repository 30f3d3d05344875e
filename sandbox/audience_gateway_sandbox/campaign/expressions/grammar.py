"""Parses expressions into trees, by recursive descent: OR, AND, NOT, comparison, value."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from audience_gateway_sandbox.campaign.expressions.tokens import Token, TokenKind, tokens
from audience_gateway_sandbox.campaign.expressions.tree import (
    Absence,
    Combination,
    Comparison,
    Function,
    Likeness,
    Literal,
    Membership,
    Moment,
    Negation,
    Node,
    Path,
)
from audience_gateway_sandbox.campaign.faults import MethodError, unparsable

_COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
_DEEPEST = 50


def parse(expression: str) -> Node:
    """Parse an expression. Raises MethodError if it breaks the grammar."""
    return _Parser(expression).whole()


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = tokens(expression)
        self._next = 0
        steps = (token.is_sign("(") - token.is_sign(")") for token in self._tokens)
        if max(accumulate(steps)) > _DEEPEST:
            raise self._broken()

    def whole(self) -> Node:
        node = self._alternatives()
        if self._peek().kind is not TokenKind.END:
            raise self._broken()
        return node

    def _alternatives(self) -> Node:
        return self._joined("or", self._conjunction)

    def _conjunction(self) -> Node:
        return self._joined("and", self._negation)

    def _joined(self, word: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._takes_word(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Combination(word.upper(), tuple(parts))

    def _negation(self) -> Node:
        negations = 0
        while self._takes_word("not"):
            negations += 1
        node = self._comparison()
        return Negation(node) if negations % 2 else node

    def _comparison(self) -> Node:
        value = self._value()
        token = self._peek()
        if token.is_sign(*_COMPARISONS):
            self._advance()
            return Comparison("!=" if token.value == "<>" else token.value, value, self._value())
        if self._takes_word("is"):
            negated = self._takes_word("not")
            self._expect_word("null")
            return Absence(value, negated)
        if not token.is_word("not", "like", "in"):
            return value
        negated = self._takes_word("not")
        if self._takes_word("like"):
            return Likeness(value, self._expect(TokenKind.TEXT).value, negated)
        self._expect_word("in")
        return Membership(value, self._options(), negated)

    def _options(self) -> tuple[Literal | Moment, ...]:
        self._expect_sign("(")
        options = [self._literal(self._advance())]
        while self._peek().is_sign(","):
            self._advance()
            options.append(self._literal(self._advance()))
        self._expect_sign(")")
        return tuple(options)

    def _value(self) -> Node:
        token = self._advance()
        if token.kind is TokenKind.XPATH:
            return Path(token.value)
        if token.is_sign("("):
            node = self._alternatives()
            self._expect_sign(")")
            return node
        if token.kind is TokenKind.WORD and self._peek().is_sign("("):
            return Function(token.value, self._arguments())
        return self._literal(token)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect_sign("(")
        arguments: list[Node] = []
        while not self._peek().is_sign(")"):
            if arguments:
                self._expect_sign(",")
            arguments.append(self._value())
        self._expect_sign(")")
        return tuple(arguments)

    def _literal(self, token: Token) -> Literal | Moment:
        match token.kind:
            case TokenKind.TEXT:
                return Literal(token.value)
            case TokenKind.NUMBER:
                return Literal(float(token.value) if "." in token.value else int(token.value))
            case TokenKind.MOMENT:
                return Moment(token.value)
            case TokenKind.WORD if token.value in {"true", "false"}:
                return Literal(int(token.value == "true"))
            case _:
                raise self._broken()

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _advance(self) -> Token:
        token = self._tokens[self._next]
        if token.kind is TokenKind.END:
            raise self._broken()
        self._next += 1
        return token

    def _takes_word(self, word: str) -> bool:
        taken = self._peek().is_word(word)
        self._next += taken
        return taken

    def _expect(self, kind: TokenKind) -> Token:
        token = self._advance()
        if token.kind is not kind:
            raise self._broken()
        return token

    def _expect_word(self, word: str) -> None:
        if not self._advance().is_word(word):
            raise self._broken()

    def _expect_sign(self, sign: str) -> None:
        if not self._advance().is_sign(sign):
            raise self._broken()

    def _broken(self) -> MethodError:
        return unparsable(self._expression)
