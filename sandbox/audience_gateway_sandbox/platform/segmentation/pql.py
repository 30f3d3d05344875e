"""Reads rules in PQL, as far as rtcdp 11 assumes it: comparisons, `in`, `and`, `or`, `not`, `inSegment`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from audience_gateway_sandbox.platform.segmentation.pql_tree import (
    Both,
    Comparison,
    InAudience,
    Membership,
    Not,
    PqlError,
    Rule,
    Test,
    Value,
)

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][\w-]*)
      | (?P<sign><=|>=|!=|<>|[=<>()\[\],.])
    )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")
_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ASKING = frozenset({"isNull", "isNotNull"})
_MATCHING = frozenset({"equals", "startsWith", "endsWith", "contains"})
_REFERENCES = frozenset({"inSegment", "inAudience"})
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}
_DEEPEST = 50
_LONGEST = 100_000
_LONGEST_INTEGER = 18
"""Digits; longer numbers are not exact, as in the database."""


def read_pql(text: str) -> Rule:
    """Read a rule. Raises PqlError with the place of what is not understood."""
    if len(text) > _LONGEST:
        raise PqlError(f"The expression is longer than {_LONGEST} characters.")
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Rule:
        rule = self._alternatives()
        if self._kind:
            raise self._unexpected()
        return rule

    def _alternatives(self) -> Rule:
        return self._joined("or", lambda: self._joined("and", self._single))

    def _joined(self, operator: str, part: Callable[[], Rule]) -> Rule:
        rules = [part()]
        while self._word_is(operator):
            self._at += 1
            rules.append(part())
        return rules[0] if len(rules) == 1 else Both(operator, tuple(rules))

    def _single(self) -> Rule:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PqlError(f"The expression is nested deeper than {_DEEPEST}.")
        try:
            return self._negated_or_grouped()
        finally:
            self._depth -= 1

    def _negated_or_grouped(self) -> Rule:
        if self._word_is("not"):
            self._at += 1
            return Not(self._single())
        if self._sign_is("("):
            self._at += 1
            rule = self._alternatives()
            self._take("sign", ")")
            return rule
        return self._about_a_field()

    def _about_a_field(self) -> Rule:
        names = [self._take("word")]
        if names[0] in _REFERENCES and self._sign_is("("):
            return InAudience(str(self._arguments()[0]))
        while self._sign_is("."):
            self._at += 1
            names.append(self._take("word"))
        if self._sign_is("("):
            return self._asked(names[:-1], names[-1])
        return self._compared(names)

    def _asked(self, field: Sequence[str], function: str) -> Rule:
        if not field or function not in _ASKING | _MATCHING:
            raise PqlError(f"The function {function} is not understood here.")
        arguments = self._arguments()
        if function in _ASKING and not arguments:
            return Test(tuple(field), function)
        if function in _MATCHING and arguments and isinstance(arguments[0], str):
            return Test(tuple(field), function, arguments[0], arguments[1:] != [False])
        raise PqlError(f"The function {function} has other arguments.")

    def _arguments(self) -> list[Value]:
        return self._listed("(", ")")

    def _compared(self, field: Sequence[str]) -> Rule:
        negated = self._word_is("not")
        self._at += negated
        if self._word_is("in"):
            self._at += 1
            rule: Rule = Membership(tuple(field), tuple(self._listed("[", "]")))
            return Not(rule) if negated else rule
        if negated or self._kind != "sign" or self._token not in _COMPARISONS:
            raise self._unexpected()
        operator = _COMPARISONS[self._take("sign")]
        return Comparison(tuple(field), operator, self._value())

    def _listed(self, opening: str, closing: str) -> list[Value]:
        self._take("sign", opening)
        values: list[Value] = []
        while not self._sign_is(closing):
            if values:
                self._take("sign", ",")
            values.append(self._value())
        self._at += 1
        return values

    def _value(self) -> Value:
        kind, token = self._kind, self._take(self._kind or "value")
        if kind == "text":
            return _ESCAPED.sub(r"\1", token[1:-1])
        if kind == "number":
            return float(token) if "." in token or len(token) > _LONGEST_INTEGER else int(token)
        if kind == "word" and token.lower() in _CONSTANTS:
            return _CONSTANTS[token.lower()]
        self._at -= 1
        raise self._unexpected()

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    @property
    def _token(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _word_is(self, word: str) -> bool:
        return self._kind == "word" and self._token.lower() == word

    def _sign_is(self, sign: str) -> bool:
        return self._kind == "sign" and self._token == sign

    def _take(self, kind: str, token: str = "") -> str:
        if self._kind != kind or (token and self._token != token):
            raise self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _unexpected(self) -> PqlError:
        place = f"at character {self._tokens[self._at][2]}" if self._kind else "at its end"
        return PqlError(f"The expression is not understood here {place}.")


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise PqlError(f"The expression is not understood here at character {at}.")
        found.append((token.lastgroup, token[token.lastgroup], token.start(token.lastgroup)))
        at = token.end()
    return found
