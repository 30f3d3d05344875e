"""Rules of traits: conditions over signals, `price >= 1.00 AND gender == "m"` (audience-manager 1.5)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from audience_gateway_sandbox.audience_manager.rules.parser import RuleParser
from audience_gateway_sandbox.audience_manager.rules.patterns import compiled, matches
from audience_gateway_sandbox.audience_manager.rules.tree import Tree, atoms, holds

_TOKEN = re.compile(
    r"""(?:"(?P<text>[^"]*)"|'(?P<quoted>[^']*)'"""
    r"""|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w-]))|(?P<word>[0-9]*[A-Za-z_-][\w-]*)|(?P<sign>[<>=!]=|=>|[<>=()]))""",
    re.ASCII,
)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_SAME = {"=": "==", "=>": ">="}
"""Other spellings in the documents: `segID = <id>` (audience-manager 7), and the table of operators."""
_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_NAMED = ("CONTAINS", "MATCHESWORDS", "STARTSWITH", "ENDSWITH", "MATCHESREGEX")
_RESERVED = ("AND", "OR", "NOT", *_NAMED)

Signals: TypeAlias = Mapping[str, Sequence[str]]
"""Values by key; keys are in lower case."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A key compared with a value.

    Attributes:
        key: in lower case.
        operator: `==`, `!=`, `>`, `<`, `>=`, `<=`, or one of the named ones in lower case.
        value: as it stands in the rule, without quotes.
    """

    key: str
    operator: str
    value: str


TraitRule: TypeAlias = Tree[Comparison]


def parse_trait_rule(text: str) -> TraitRule:
    """Read a rule. Raises RuleError if it breaks the grammar."""
    return _Parser(text, _TOKEN).whole()


def evaluate_trait_rule(rule: TraitRule, signals: Signals) -> bool:
    """Tell whether signals fulfil a rule.

    Case does not count (audience-manager 3.3). Of several values of a key one is enough; a key without a value
    fulfils nothing, not even `!=`; `>` and its like compare numbers: assumptions of ours.

    Raises NotEvaluated if a regular expression takes too long.
    """
    return holds(rule, lambda each: any(_compares(each, value) for value in signals.get(each.key, ())))


def keys_of(rule: TraitRule) -> tuple[str, ...]:
    """Tell the keys that a rule names, each once, in the order of the rule."""
    return tuple(dict.fromkeys(each.key for each in atoms(rule)))


def _compares(comparison: Comparison, value: str) -> bool:
    if comparison.operator == "matchesregex":
        return matches(comparison.value, value)
    if comparison.operator in _ORDERS:
        number = _number(value)
        return number is not None and _ORDERS[comparison.operator](number, float(comparison.value))
    return _TEXTS[comparison.operator](value.casefold(), comparison.value.casefold())


def _has_words(text: str, wanted_text: str) -> bool:
    """Tell whether a text has words that follow each other as wanted: what "matches words" means is an assumption."""
    words, wanted = text.split(), wanted_text.split()
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "matcheswords": _has_words,
}


class _Parser(RuleParser[Comparison]):
    def atom(self) -> TraitRule:
        token = self.peek()
        if token.text.upper() in _RESERVED or not any(map(str.isalpha, token.text)):
            raise self.broken("a key, which has a letter")
        key = self.expect("word", "a key such as price").lower()
        sign = self._operator()
        literal = self.peek()
        value = self._value()
        if sign in _ORDERS and _number(value) is None:
            raise self.wrong(literal, f"{sign} compares numbers")
        if sign == "matchesregex":
            compiled(value)
        return Comparison(key, sign, value)

    def _operator(self) -> str:
        sign = self.peek().text
        if self.takes(*_NAMED):
            return sign.lower()
        if not self.takes("==", "!=", *_ORDERS, *_SAME):
            raise self.broken("a comparison such as ==")
        return _SAME.get(sign, sign)

    def _value(self) -> str:
        for kind in ("text", "quoted", "number"):
            if self.peek().kind == kind:
                return self.expect(kind, kind)
        if self.peek().text.upper() in _RESERVED:
            raise self.broken("a value")
        return self.expect("word", 'a value such as "m"')
