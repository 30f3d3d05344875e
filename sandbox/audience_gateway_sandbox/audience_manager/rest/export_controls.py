"""Data export controls: what may not go to which destination (audience-manager 9)."""

from __future__ import annotations

from collections.abc import Iterator

from audience_gateway_sandbox.audience_manager.objects import Destination, Segment
from audience_gateway_sandbox.audience_manager.rest.errors import conflict
from audience_gateway_sandbox.audience_manager.rules import parse_segment_rule, traits_of
from audience_gateway_sandbox.audience_manager.store import Store


def check_export(store: Store, segment: Segment, destination: Destination) -> None:
    """Refuse a segment whose traits or merge rule have a control that the destination's label meets.

    A control on the segment's own data source does nothing. That the status is 409 is an assumption.
    """
    labels = set(destination.data_export_labels)
    blocked = [
        f"data source {source.data_source_id}: {control}"
        for number in sorted(set(_sources(store, segment)))
        if (source := store.data_sources.get(number)) is not None
        for control in source.data_export_restrictions
        if control in labels
    ]
    if blocked:
        raise conflict("Data export controls do not let this segment go to this destination.", blocked)


def _sources(store: Store, segment: Segment) -> Iterator[int]:
    for trait in store.traits.all(sid=traits_of(parse_segment_rule(segment.segment_rule))):
        yield trait.data_source_id
    if segment.merge_rule_data_source_id:
        found = store.merge_rules.get(segment.merge_rule_data_source_id)
        rules = [found] if found else []
    else:
        rules = store.merge_rules.all(is_default=True)
    for rule in rules:
        yield rule.data_source_id
        yield from rule.authenticated_source_ids
        if rule.device_graph_source_id:
            yield rule.device_graph_source_id
