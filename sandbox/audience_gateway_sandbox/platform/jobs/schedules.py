"""Schedules of evaluations, `/data/core/ups/config/schedules` (rtcdp 1.5)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from audience_gateway_sandbox.platform.audiences.audience import audiences
from audience_gateway_sandbox.platform.audiences.pages import page_from_start
from audience_gateway_sandbox.platform.jobs import bodies, segment_jobs
from audience_gateway_sandbox.platform.segmentation.errors import invalid, not_found, segmentation_error
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Patch, Service, checked, patched

KIND = "schedule"
"""Of documents, and of items of the agenda."""
_BASE = "/data/core/ups/config/schedules"
_DAILY = re.compile(
    r"(?P<second>[0-9]{1,2}) (?P<minute>[0-9]{1,2}) (?P<hour>[0-9]{1,2}) (?:[?*] \* [?*]|\* \* \?)(?: \*)?"
)
_ACTIVE = "active"
_SET_BY_US = frozenset({"id", "imsOrgId", "sandbox", "createEpoch", "updateEpoch", "creationTime", "updateTime"})
_SECOND = 1000
_BODY: TypeAdapter[Any] = TypeAdapter(bodies.NewSchedule)


def schedule_service() -> Service:
    """List the addresses."""
    one = f"{_BASE}/{{id}}"
    return Service(
        "Schedules",
        segmentation_error,
        (
            Endpoint(
                "GET",
                _BASE,
                _list,
                "Lists schedules.",
                {200: bodies.JobPage},
                (400,),
                query={"start": "integer", "limit": "integer"},
            ),
            Endpoint("POST", _BASE, _add, "Adds a schedule.", {200: dict[str, Any]}, (400,), bodies.NewSchedule),
            Endpoint("GET", one, _show, "Shows a schedule.", {200: dict[str, Any]}, (404,)),
            Endpoint("PATCH", one, _change, "Changes a schedule by JSON Patch.", {204: None}, (400, 404), list[Patch]),
            Endpoint("DELETE", one, _remove, "Deletes a schedule.", {204: None}, (404,)),
        ),
    )


def run_schedule(space: Space, id_: str) -> None:
    """Evaluate what a schedule says, and enter when it is due again."""
    document = space.documents(KIND).get(id_)
    if document is None or document.body["state"] != _ACTIVE:
        return
    wanted = set(document.body["properties"].get("segments") or ["*"])
    known = {each.id for each in audiences(space)}
    if "*" in wanted:
        segment_jobs.evaluate_all(space)
    elif chosen := sorted(wanted & known):
        segment_jobs.start(space, chosen)
    _enter(space, document)


def enter_next(space: Space, id_: str) -> None:
    """Enter when a schedule is due again."""
    document = space.documents(KIND).get(id_)
    if document is not None:
        _enter(space, document)


def _list(call: Call) -> Answer:
    return Answer(
        page_from_start(call, [_shown(each, call.space) for each in call.space.documents(KIND).newest_first()])
    )


def _add(call: Call) -> Answer:
    body = _checked(call.space, {"state": "inactive"} | call.body)
    document = call.space.documents(KIND).add(body)
    _enter(call.space, document)
    return Answer(_shown(document, call.space))


def _show(call: Call) -> Answer:
    return Answer(_shown(_found(call), call.space))


def _change(call: Call) -> Answer:
    document = _found(call)
    changed = patched(document.body, call.body)
    _enter(call.space, call.space.documents(KIND).put(document.id, _checked(call.space, changed)))
    return Answer(status=204)


def _remove(call: Call) -> Answer:
    document = _found(call)
    call.space.documents(KIND).remove(document.id)
    call.space.never(KIND, document.id)
    return Answer(status=204)


def _checked(space: Space, body: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in body.items() if name not in _SET_BY_US}
    made: dict[str, Any] = checked(_BODY, given)
    _next(made["schedule"], space.now)
    return made


def _enter(space: Space, document: Document) -> None:
    if document.body["state"] == _ACTIVE:
        space.at(KIND, document.id, _next(document.body["schedule"], space.now))
    else:
        space.never(KIND, document.id)


def _next(expression: str, now: datetime) -> datetime:
    """Tell when a daily cron expression of Quartz, seconds first, is due next. Raises Refusal for any other."""
    found = _DAILY.fullmatch(expression.strip())
    try:
        parts = {} if found is None else {name: int(text) for name, text in found.groupdict().items()}
        due = now.replace(microsecond=0, **parts)  # type: ignore[arg-type]  # parts of a time
    except ValueError:
        parts = {}
        due = now
    if not parts:
        raise invalid("The schedule must be a Quartz expression of once a day, as 0 0 1 * * ?.")
    return due if due > now else due + timedelta(days=1)


def _found(call: Call) -> Document:
    document = call.space.documents(KIND).get(call.ids["id"])
    if document is None:
        raise not_found(KIND)
    return document


def _shown(document: Document, space: Space) -> dict[str, Any]:
    return document.body | {
        "id": document.id,
        "imsOrgId": space.org,
        "sandbox": space.sandbox,
        "createEpoch": document.created_ms // _SECOND,
        "updateEpoch": document.updated_ms // _SECOND,
    }
