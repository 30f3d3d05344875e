"""Traits: what is known of a profile (audience-manager 1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TTL_DAYS = 120


class TraitType(StrEnum):
    """How a trait comes to a profile."""

    RULE_BASED = "RULE_BASED_TRAIT"
    ON_BOARDED = "ON_BOARDED_TRAIT"
    ALGORITHMIC = "ALGO_TRAIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A trait. Its numbers are another space than those of segments, though both are called sid.

    Attributes:
        sid: its number; 0 until it is stored.
        trait_rule: condition over signals; may be empty.
        trait_rule_version: how often the rule was written.
        ttl: days that it stays with a profile; 0 for ever.
    """

    sid: int = 0
    name: str
    description: str = ""
    trait_type: TraitType
    data_source_id: int
    folder_id: int = 0
    trait_rule: str = ""
    trait_rule_version: int = 1
    integration_code: str = ""
    comments: str = ""
    ttl: int = TTL_DAYS
    category_id: int = 0
    type: int = 0
    status: str = "ACTIVE"
    backfill_status: str = "NONE"
    algo_model_id: int = 0
    threshold_value: int = 0
    pid: int = 0
    create_time: datetime
    update_time: datetime
    cr_uid: int = 0
    up_uid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitRuleVersion:
    """A rule that a trait has or had."""

    version_id: int = 0
    sid: int
    version: int
    trait_rule: str
    create_time: datetime
