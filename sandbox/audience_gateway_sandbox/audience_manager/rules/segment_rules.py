"""Rules of segments: `1T AND (2T OR NOT 3T)`, `FREQUENCY([1T,2T]<=5D)>=2` (audience-manager 1.5)."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from audience_gateway_sandbox.audience_manager.rules.parser import RuleParser
from audience_gateway_sandbox.audience_manager.rules.tree import Tree, atoms, holds

_TOKEN = re.compile(
    r"(?:(?P<trait>[0-9]{1,18}T\b)|(?P<days>[0-9]{1,4}D\b)|(?P<number>[0-9]{1,9}\b)|(?P<word>[A-Za-z]+)|(?P<sign>[<>=]=|[()\[\],]))"
)
_COMPARISONS = {">=": operator.ge, "<=": operator.le, "==": operator.eq}


@dataclass(frozen=True, slots=True)
class Qualification:
    """A profile came to a trait.

    Attributes:
        at: when.
        times: how often, if several times are told as one.
    """

    at: datetime
    times: int = 1


Qualifications: TypeAlias = Mapping[int, Sequence[Qualification]]
"""What is still valid of a profile: qualifications by trait id. What a trait's TTL ended is not in it any more."""


@dataclass(frozen=True, slots=True)
class Frequency:
    """`FREQUENCY([1T,2T]<=5D)>=2`: how often the profile came to one of the traits. `1T` is at least once.

    Attributes:
        sids: the traits.
        comparison: `>=`, `<=` or `==`.
        times: compared with how often.
        recency: `<=` counts the last so many days, `>=` what is at least so many days ago, empty counts all.
        days: how many.
    """

    sids: tuple[int, ...]
    comparison: str = ">="
    times: int = 1
    recency: str = ""
    days: int = 0


SegmentRule: TypeAlias = Tree[Frequency]


def parse_segment_rule(text: str) -> SegmentRule:
    """Read a rule. Raises RuleError if it breaks the grammar."""
    return _Parser(text, _TOKEN).whole()


def evaluate_segment_rule(rule: SegmentRule, qualifications: Qualifications, now: datetime) -> bool:
    """Tell whether a profile is in the segment at a moment."""

    def atom_holds(atom: Frequency) -> bool:
        limit = now - timedelta(days=atom.days)
        times = sum(
            each.times
            for sid in atom.sids
            for each in qualifications.get(sid, ())
            if not atom.recency or _COMPARISONS[atom.recency](limit, each.at)
        )
        return bool(_COMPARISONS[atom.comparison](times, atom.times))

    return holds(rule, atom_holds)


def traits_of(rule: SegmentRule) -> tuple[int, ...]:
    """Tell the ids of the traits that a rule names, each once, in the order of the rule."""
    return tuple(dict.fromkeys(sid for each in atoms(rule) for sid in each.sids))


class _Parser(RuleParser[Frequency]):
    def atom(self) -> SegmentRule:
        if not self.takes("FREQUENCY"):
            return Frequency((self._trait(),))
        self.expect_sign("(")
        self.expect_sign("[")
        sids = [self._trait()]
        while self.takes(",", "OR"):
            sids.append(self._trait())
        self.expect_sign("]")
        recency, days = self._recency()
        self.expect_sign(")")
        comparison = self._comparison(">=", "<=", "==")
        return Frequency(tuple(sids), comparison, int(self.expect("number", "a number of times")), recency, days)

    def _trait(self) -> int:
        return int(self.expect("trait", "a trait such as 1T")[:-1])

    def _recency(self) -> tuple[str, int]:
        if self.peek().text == ")":
            return "", 0
        recency, place = self._comparison(">=", "<="), self.peek()
        days = int(self.expect("days", "a number of days such as 5D")[:-1])
        if not days:
            raise self.wrong(place, "0D is no time: recency is greater than 0")
        return recency, days

    def _comparison(self, *signs: str) -> str:
        sign = self.peek().text
        if not self.takes(*signs):
            raise self.broken(" or ".join(signs))
        return sign
