"""Which traits the items of a line are about (audience-manager 3.3, 3.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from audience_gateway_sandbox.audience_manager.inbound.lines import Items
from audience_gateway_sandbox.audience_manager.objects import Trait, TraitType
from audience_gateway_sandbox.audience_manager.rules import (
    NotEvaluated,
    RuleError,
    Signals,
    TraitRule,
    evaluate_trait_rule,
    keys_of,
    parse_trait_rule,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What comes of a line's items.

    Attributes:
        realized: traits to realize.
        removed: traits to take away.
        failed: how many ids are not of a trait of the data source.
        unused: how many items had no effect.
    """

    realized: tuple[int, ...]
    removed: tuple[int, ...]
    failed: int
    unused: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes by it."""
        return not self.realized and not self.removed


class TraitChoice:
    """The traits of one data source. Only onboarded ones can be realized by a file.

    Args:
        traits: all traits of the data source.
        removes: whether items that take traits away count; they do not when everything is replaced.
    """

    def __init__(self, traits: Sequence[Trait], *, removes: bool = True) -> None:
        self._all = {trait.sid for trait in traits}
        self._onboarded = {trait.sid for trait in traits if trait.trait_type is TraitType.ON_BOARDED}
        self._rules = [found for trait in traits if trait.sid in self._onboarded and (found := _rule_of(trait))]
        self._removes = removes
        self._chosen: dict[Items, Choice] = {}

    def of(self, items: Items) -> Choice:
        """Choose; many lines of a file are alike."""
        if (known := self._chosen.get(items)) is not None:
            return known
        if len(self._chosen) >= _MOST_REMEMBERED:
            self._chosen.clear()
        self._chosen[items] = choice = self._choose(items)
        return choice

    def _choose(self, items: Items) -> Choice:
        removable = items.removed if self._removes else ()
        named = [*items.realized, *removable]
        failed = sum(sid not in self._all for sid in named)
        ignored = sum(sid in self._all - self._onboarded for sid in named)
        by_signal, unused = self._by_signals(items.signals)
        realized = [sid for sid in items.realized if sid in self._onboarded]
        return Choice(
            tuple(dict.fromkeys([*realized, *by_signal])),
            tuple(dict.fromkeys(sid for sid in removable if sid in self._onboarded)),
            failed,
            unused + ignored,
        )

    def _by_signals(self, signals: Sequence[tuple[str, str]]) -> tuple[list[int], int]:
        """Evaluate signals; a number that no rule asks for is taken for the id of a trait (an assumption of ours)."""
        values = defaultdict(list)
        for key, value in signals:
            values[key].append(value)
        chosen: list[int] = []
        used: set[str] = set()
        for sid, rule in self._rules:
            if _holds(rule, values):
                chosen.append(sid)
                used.update(keys_of(rule))
        unused = 0
        for key, value in signals:
            if key in used:
                continue
            if key == "ic" and value.isdecimal() and int(value) in self._onboarded:
                chosen.append(int(value))
            else:
                unused += 1
        return chosen, unused


_MOST_REMEMBERED = 10_000


def _rule_of(trait: Trait) -> tuple[int, TraitRule] | None:
    try:
        return (trait.sid, parse_trait_rule(trait.trait_rule)) if trait.trait_rule.strip() else None
    except RuleError:
        return None


def _holds(rule: TraitRule, signals: Signals) -> bool:
    try:
        return evaluate_trait_rule(rule, signals)
    except NotEvaluated:
        return False
