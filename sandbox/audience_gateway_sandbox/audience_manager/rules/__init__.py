"""Rules of traits and of segments, as pure functions: text to tree, tree and a profile to an answer."""

from audience_gateway_sandbox.audience_manager.rules.lifetime import expires_at
from audience_gateway_sandbox.audience_manager.rules.parser import RuleError
from audience_gateway_sandbox.audience_manager.rules.patterns import NotEvaluated
from audience_gateway_sandbox.audience_manager.rules.segment_rules import (
    Frequency,
    Qualification,
    Qualifications,
    SegmentRule,
    evaluate_segment_rule,
    parse_segment_rule,
    traits_of,
)
from audience_gateway_sandbox.audience_manager.rules.trait_rules import (
    Comparison,
    Signals,
    TraitRule,
    evaluate_trait_rule,
    keys_of,
    parse_trait_rule,
)

__all__ = [
    "Comparison",
    "Frequency",
    "NotEvaluated",
    "Qualification",
    "Qualifications",
    "RuleError",
    "SegmentRule",
    "Signals",
    "TraitRule",
    "evaluate_segment_rule",
    "evaluate_trait_rule",
    "expires_at",
    "keys_of",
    "parse_segment_rule",
    "parse_trait_rule",
    "traits_of",
]
