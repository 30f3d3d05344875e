"""Segments as they are asked for: which ones, and with what besides (audience-manager 1.3, sandbox 4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import Segment
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.callers import SEGMENT, Caller
from audience_gateway_sandbox.audience_manager.rest.metrics import segment_metrics
from audience_gateway_sandbox.audience_manager.rest.queries import flag, having, moment, number, texts
from audience_gateway_sandbox.audience_manager.rules import parse_segment_rule, traits_of
from audience_gateway_sandbox.audience_manager.rules.segment_rules import Frequency
from audience_gateway_sandbox.audience_manager.rules.tree import Either, Every, Negation, Tree
from audience_gateway_sandbox.audience_manager.store import Table


def found_segments(table: Table[Segment], request: web.Request) -> Sequence[Segment]:
    """Find the segments that a list is narrowed to; `type` narrows nothing."""
    found = table.all(
        **having(
            request,
            folder_id="folderId",
            data_source_id="dataSourceId",
            merge_rule_data_source_id="mergeRuleDataSourceId",
            pid="pid",
        ),
        **texts(request, integration_code="integrationCode", status="status"),
    )
    if request.query.get("updatedSince"):
        since = moment(request, "updatedSince")
        found = [each for each in found if each.update_time >= since]
    if request.query.get("containsTrait"):
        sid = number(request, "containsTrait", 0)
        found = [each for each in found if sid in traits_of(parse_segment_rule(each.segment_rule))]
    return found


class SegmentViews:
    """Makes objects of segments, with what the parameters `include...` ask for."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def view(self, request: web.Request, caller: Caller, segment: Segment, *, data_sources: bool) -> Mapping[str, Any]:
        """Make one; `data_sources` adds those of the traits in its rule."""
        view = as_json(segment)
        if data_sources:
            view["traitDataSourceIds"] = self._data_sources(segment)
        if flag(request, "includeMetrics"):
            view |= segment_metrics(self._api, segment.sid)
        if flag(request, "includeInUseStatus"):
            view["inUse"] = bool(self._api.store.mappings.count(sid=segment.sid))
        if flag(request, "includePermissions"):
            view["permissions"] = caller.permissions(SEGMENT, segment.sid, segment.cr_uid)
        if flag(request, "includeExprTree"):
            view["exprTree"] = _expression(parse_segment_rule(segment.segment_rule))
        return view

    def _data_sources(self, segment: Segment) -> Sequence[int]:
        traits = self._api.store.traits.all(sid=traits_of(parse_segment_rule(segment.segment_rule)))
        return sorted({each.data_source_id for each in traits})


def _expression(rule: Tree[Frequency]) -> Mapping[str, Any]:
    """Make an object of a rule; its shape is an assumption."""
    match rule:
        case Every(parts):
            return {"operator": "AND", "operands": [_expression(part) for part in parts]}
        case Either(parts):
            return {"operator": "OR", "operands": [_expression(part) for part in parts]}
        case Negation(part):
            return {"operator": "NOT", "operands": [_expression(part)]}
        case _:
            recency = {"recencyOperator": rule.recency, "recencyDays": rule.days} if rule.recency else {}
            return {"traits": list(rule.sids), "frequencyOperator": rule.comparison, "frequency": rule.times} | recency
