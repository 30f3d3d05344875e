"""What a flow exports: selectors of audiences and of fields, and the steps to what it should export (rtcdp 6.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from audience_gateway_rtcdp.flow_service import Step

STATUS_FIELD = "segmentMembership.status"
"""Without it, who has left an audience is not in incremental files, and is never removed (rtcdp 6.7, 10.3)."""

_SEGMENTS, _FIELDS = "segmentSelectors", "profileSelectors"
_KEPT = frozenset({"startDate", "endDate"})


def field_selector(path: str) -> Mapping[str, Any]:
    """The selector of a field."""
    return {"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}}


def selectors_of(flow: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """What a flow says of each audience that it exports, by the platform's id."""
    values = (_value(each) for each in _listed(flow, _SEGMENTS)[1])
    return {str(value["id"]): value for value in values if "id" in value}


def start_of(selector: Mapping[str, Any]) -> datetime | None:
    """When a flow begins to export an audience, by what it says of it; None if it does not say. Times are in UTC."""
    schedule = selector.get("schedule")
    date, time = (
        str(schedule.get(name, "")) if isinstance(schedule, dict) else "" for name in ("startDate", "startTime")
    )
    try:
        return datetime.fromisoformat(f"{date[:10]}T{time or '00:00'}").replace(tzinfo=UTC)
    except ValueError:
        return None


def fields_of(flow: Mapping[str, Any]) -> frozenset[str]:
    """Paths of the fields that a flow exports."""
    return frozenset(str(_value(each).get("path", "")) for each in _listed(flow, _FIELDS)[1])


def steps_to(flow: Mapping[str, Any], wanted: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> Sequence[Step]:
    """The steps after which a flow exports an audience as wanted, with these fields; none if it does.

    Other audiences and fields stay. Of a schedule that is there, the dates stay.
    """
    number, listed = _listed(flow, _SEGMENTS)
    path = f"/transformations/{number}/params/{_SEGMENTS}/selectors"
    steps: list[Step] = []
    position = next((n for n, each in enumerate(listed) if _value(each).get("id") == wanted["id"]), None)
    if position is None:
        steps.append({"op": "add", "path": f"{path}/-", "value": {"type": "PLATFORM_SEGMENT", "value": dict(wanted)}})
    else:
        value = _value(listed[position])
        changed = {**value, **wanted, "schedule": _schedule(value.get("schedule"), wanted["schedule"])}
        if changed != value:
            selector = {"type": "PLATFORM_SEGMENT", "value": changed}
            steps.append({"op": "replace", "path": f"{path}/{position}", "value": selector})
    there = fields_of(flow)
    number, _ = _listed(flow, _FIELDS)
    steps += [
        {"op": "add", "path": f"/transformations/{number}/params/{_FIELDS}/selectors/-", "value": dict(each)}
        for each in fields
        if each["value"]["path"] not in there
    ]
    return steps


def _schedule(there: object, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(there, dict):
        return wanted
    return {**there, **{name: value for name, value in wanted.items() if name not in _KEPT or name not in there}}


def _listed(flow: Mapping[str, Any], kind: str) -> tuple[int, Sequence[Any]]:
    """The selectors of a kind, and the number of the transformation that holds them."""
    transformations = flow.get("transformations")
    for number, each in enumerate(transformations if isinstance(transformations, list) else []):
        params = each.get("params") if isinstance(each, dict) else None
        holder = params.get(kind) if isinstance(params, dict) else None
        selectors = holder.get("selectors") if isinstance(holder, dict) else None
        if isinstance(selectors, list):
            return number, selectors
    return 0, []


def _value(selector: object) -> Mapping[str, Any]:
    value = selector.get("value") if isinstance(selector, dict) else None
    return value if isinstance(value, dict) else {}
