"""Reads tokens into a tree: a descent of one method a rule."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast

from audience_gateway_sandbox.campaign.expressions.tokens import Kind, Token, tokens
from audience_gateway_sandbox.campaign.expressions.tree import (
    Comparison,
    Condition,
    Emptiness,
    ExpressionError,
    Function,
    Junction,
    Membership,
    Moment,
    Negation,
    Number,
    Operator,
    Path,
    Text,
    Value,
)

_ARGUMENTS = {"lower": 1, "upper": 1, "year": 1, "getdate": 0}
_MOST_NESTED = 100
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PATH = re.compile(r"\[?((?:[A-Za-z_][\w-]*/)*)@([A-Za-z_][\w-]*)\]?")


def parse_condition(expression: str) -> Condition:
    """Read a condition. Raises ExpressionError."""
    parser = _Parser(expression)
    condition = parser.disjunction()
    parser.expect("end")
    return condition


def parse_value(expression: str) -> Value:
    """Read a value, such as what is selected. Raises ExpressionError."""
    parser = _Parser(expression)
    value = parser.value()
    parser.expect("end")
    return value


def parse_path(expression: str) -> Path:
    """Read the path of an attribute, in brackets or without. Raises ExpressionError."""
    match = _PATH.fullmatch(expression.strip())
    if match is None:
        raise ExpressionError(expression)
    return Path(match[1].split("/")[:-1], match[2])


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = tokens(expression)
        self._at = 0
        self._depth = 0

    def disjunction(self) -> Condition:
        conditions = [self._conjunction()]
        while self._word("OR"):
            conditions.append(self._conjunction())
        return conditions[0] if len(conditions) == 1 else Junction("OR", conditions)

    def _conjunction(self) -> Condition:
        conditions = [self._negation()]
        while self._word("AND"):
            conditions.append(self._negation())
        return conditions[0] if len(conditions) == 1 else Junction("AND", conditions)

    def _negation(self) -> Condition:
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise ExpressionError(self._expression)
        negated = self._word("NOT")
        condition = self._negation() if negated else self._primary()
        self._depth -= 1
        return Negation(condition) if negated else condition

    def _primary(self) -> Condition:
        if self._mark("("):
            condition = self.disjunction()
            self.expect("mark", ")")
            return condition
        return self._predicate(self.value())

    def _predicate(self, value: Value) -> Condition:
        if self._word("IS"):
            negated = self._word("NOT")
            self.expect("word", "NULL")
            return Emptiness(value, negated)
        negated = self._word("NOT")
        if self._word("IN"):
            return Membership(value, self._list(), negated)
        if self._word("LIKE"):
            return Comparison(value, "NOT LIKE" if negated else "LIKE", self.value())
        if negated:
            raise ExpressionError(self._expression)
        operator = self.expect("operator").text
        return Comparison(value, cast("Operator", "<>" if operator == "!=" else operator), self.value())

    def value(self) -> Value:
        token = self._next()
        if token.kind == "path":
            return parse_path(token.text)
        if token.kind == "text":
            return Text(_ESCAPED.sub(r"\1", token.text[1:-1]))
        if token.kind == "number":
            return Number(float(token.text) if "." in token.text else int(token.text))
        if token.kind == "moment":
            return self._moment(token)
        if token.kind == "word" and token.text.lower() in _ARGUMENTS:
            return self._function(token.text.lower())
        raise ExpressionError(self._expression)

    def _function(self, name: str) -> Function:
        self.expect("mark", "(")
        arguments = [] if self._mark(")") else self._values()
        if len(arguments) != _ARGUMENTS[name]:
            raise ExpressionError(self._expression)
        return Function(name, arguments)

    def _list(self) -> list[Value]:
        self.expect("mark", "(")
        return self._values()

    def _values(self) -> list[Value]:
        values = [self.value()]
        while self._mark(","):
            values.append(self.value())
        self.expect("mark", ")")
        return values

    def _moment(self, token: Token) -> Moment:
        text = token.text[1:-1].strip().replace("/", "-").removesuffix("Z")
        try:
            return Moment(datetime.fromisoformat(text))
        except ValueError:
            raise ExpressionError(self._expression) from None

    def expect(self, kind: Kind, text: str = "") -> Token:
        token = self._next()
        if token.kind != kind or (text and token.text.upper() != text):
            raise ExpressionError(self._expression)
        return token

    def _word(self, word: str) -> bool:
        return self._take("word", word)

    def _mark(self, mark: str) -> bool:
        return self._take("mark", mark)

    def _take(self, kind: Kind, text: str) -> bool:
        token = self._tokens[self._at]
        taken = token.kind == kind and token.text.upper() == text
        self._at += taken
        return taken

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token
