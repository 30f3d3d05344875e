"""Which rule-based traits the signals of a call fulfil."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from audience_gateway_sandbox.audience_manager.objects import Trait
from audience_gateway_sandbox.audience_manager.rules import (
    NotEvaluated,
    RuleError,
    TraitRule,
    evaluate_trait_rule,
    parse_trait_rule,
)


def fulfilled(traits: Iterable[Trait], signals: Iterable[tuple[str, str]]) -> tuple[list[Trait], bool]:
    """Choose the traits whose rules signals fulfil, and tell whether all rules could be evaluated."""
    values: dict[str, list[str]] = defaultdict(list)
    for key, value in signals:
        values[key].append(value)
    chosen: list[Trait] = []
    whole = True
    for trait in traits if values else ():
        rule = _parsed(trait.trait_rule)
        try:
            if rule is not None and evaluate_trait_rule(rule, values):
                chosen.append(trait)
        except NotEvaluated:
            whole = False
    return chosen, whole


@lru_cache(maxsize=4096)
def _parsed(text: str) -> TraitRule | None:
    try:
        return parse_trait_rule(text) if text.strip() else None
    except RuleError:
        return None
