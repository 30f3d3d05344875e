"""Checks that a segment can be as it is asked for (audience-manager 1.4, 1.5)."""

from __future__ import annotations

from datetime import UTC, datetime

from audience_gateway_sandbox.audience_manager.objects import Segment
from audience_gateway_sandbox.audience_manager.rest.callers import TRAIT, Caller
from audience_gateway_sandbox.audience_manager.rest.codes import check_code_is_free
from audience_gateway_sandbox.audience_manager.rest.errors import malformed
from audience_gateway_sandbox.audience_manager.rest.references import check_data_source, check_folder
from audience_gateway_sandbox.audience_manager.rules import (
    RuleError,
    evaluate_segment_rule,
    parse_segment_rule,
    traits_of,
)
from audience_gateway_sandbox.audience_manager.store import Store

_ANY_TIME = datetime.fromtimestamp(0, UTC)


def check_segment(store: Store, caller: Caller, segment: Segment) -> None:
    """Refuse a segment whose rule cannot be read, or that names what is not there."""
    source = check_data_source(store, segment.data_source_id)
    check_folder(store.segment_folders, segment.folder_id)
    rule = segment.merge_rule_data_source_id
    if rule and store.merge_rules.get(rule) is None:
        raise malformed("mergeRuleDataSourceId is no merge rule.", ["mergeRuleDataSourceId: is unknown"])
    _check_rule(store, caller, segment.segment_rule)
    if source.unique_segment_integration_codes:
        check_code_is_free(store.segments, segment, segment.sid)


def _check_rule(store: Store, caller: Caller, text: str) -> None:
    try:
        rule = parse_segment_rule(text)
    except RuleError as error:
        raise malformed("segmentRule is no rule.", [f"segmentRule: {error}"]) from None
    for sid in traits_of(rule):
        trait = store.traits.get(sid)
        if trait is None:
            raise malformed("segmentRule names a trait that is not there.", [f"segmentRule: {sid}T is unknown"])
        caller.require("MAP_TO_SEGMENTS", TRAIT, sid, trait.cr_uid)
    if evaluate_segment_rule(rule, {}, _ANY_TIME):
        raise malformed(
            "segmentRule holds for everybody who has none of its traits: add a trait that is needed.",
            ["segmentRule: holds without traits"],
        )
