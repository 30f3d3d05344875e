"""The audience service, `/data/core/ups/audiences` (rtcdp 1.1 to 1.4, sandbox 5.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audience_gateway_sandbox.platform.audiences import bodies, keeping
from audience_gateway_sandbox.platform.audiences.audience import PROFILES, audiences, shown
from audience_gateway_sandbox.platform.audiences.pages import Order, page_from_start
from audience_gateway_sandbox.platform.segmentation.errors import BULK_SIZE, NONE_FOUND, not_found, segmentation_error
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Patch, Refusal, Service, patched
from audience_gateway_sandbox.platform.wire.filters import filter_of

_BASE = "/data/core/ups/audiences"
_MOST_IDS = 100
_LIST = {
    "start": "integer", "limit": "integer", "sort": "string", "property": "string", "name": "string",
    "description": "string", "entityType": "string",
}  # fmt: skip


def audience_service() -> Service:
    """List the addresses."""
    one = f"{_BASE}/{{id}}"
    return Service(
        "Audiences",
        segmentation_error,
        (
            Endpoint("GET", _BASE, _list, "Lists audiences.", {200: bodies.AudiencePage}, (400,), query=_LIST),
            Endpoint("POST", _BASE, _add, "Adds an audience.", {201: bodies.Audience}, (400, 422), bodies.NewAudience),
            Endpoint(
                "POST",
                f"{_BASE}/bulk-get",
                bulk_get(lambda space, id_: audiences(space).get(id_), shown),
                "Shows several audiences.",
                {207: bodies.BulkAnswer},
                (400, 404),
                bodies.BulkGet,
            ),
            Endpoint("GET", one, _show, "Shows an audience.", {200: bodies.Audience}, (404,)),
            Endpoint(
                "PUT",
                one,
                _replace,
                "Replaces an audience.",
                {200: bodies.Audience, 201: bodies.Audience},
                (400, 404, 422),
                bodies.NewAudience,
            ),
            Endpoint(
                "PATCH",
                one,
                _change,
                "Changes an audience by JSON Patch.",
                {200: bodies.Audience, 201: bodies.Audience},
                (400, 404, 422),
                list[Patch],
            ),
            Endpoint("DELETE", one, _remove, "Deletes an audience.", {204: None}, (400, 404)),
        ),
    )


def bulk_get(
    get: Callable[[Space, str], Document | None], show: Callable[[Document, Space], dict[str, Any]]
) -> Callable[[Call], Answer]:
    """Make the answer to a question for several objects: one by one, 207; none found is 404 (rtcdp 1.4)."""

    def answer(call: Call) -> Answer:
        ids = [each["id"] for each in call.body["ids"]]
        if not 0 < len(ids) <= _MOST_IDS:
            raise Refusal(400, "The number of ids cannot be 0 or exceed 100.", code=BULK_SIZE)
        found = {id_: get(call.space, id_) for id_ in ids}
        if not any(found.values()):
            raise Refusal(404, "None of the ids is found.", code=NONE_FOUND)
        missing = segmentation_error(not_found("object"), call.headers.get("x-request-id", ""))
        return Answer(
            {"results": {id_: show(each, call.space) if each else missing for id_, each in found.items()}}, 207
        )

    return answer


def _list(call: Call) -> Answer:
    passes = filter_of(call.query.getall("property", []))
    objects = [shown(document, call.space) for document in audiences(call.space).newest_first()]
    chosen = [each for each in objects if passes(each) and _is_wanted(each, call)]
    ordered = Order.of(call)
    page = page_from_start(call, ordered.sorted(chosen), by_page=call.space.assumptions.audience_start_is_page)
    page["_page"] |= {"sortField": ordered.field, "sort": ordered.direction}
    return Answer(page)


def _is_wanted(each: dict[str, Any], call: Call) -> bool:
    parts = (str(each.get(name) or "").lower().find(call.text(name).lower()) for name in ("name", "description"))
    kind = (each["schema"] or {}).get("name", PROFILES)
    return all(part >= 0 for part in parts) and call.text("entityType") in {"", kind}


def _add(call: Call) -> Answer:
    return Answer(shown(keeping.add(call.space, call.body), call.space), 201)


def _show(call: Call) -> Answer:
    document = keeping.found(call.space, call.ids["id"])
    return Answer(shown(document, call.space) | {"dependents": keeping.dependents_of(call.space, document.id)})


def _replace(call: Call) -> Answer:
    document = keeping.found(call.space, call.ids["id"])
    return _changed(call, document, call.body)


def _change(call: Call) -> Answer:
    document = keeping.found(call.space, call.ids["id"])
    return _changed(call, document, keeping.own_members(patched(shown(document, call.space), call.body)))


def _changed(call: Call, document: Document, body: dict[str, Any]) -> Answer:
    changed = keeping.change(call.space, document, body)
    return Answer(shown(changed, call.space), 201 if call.space.assumptions.audience_changes_answer_201 else 200)


def _remove(call: Call) -> Answer:
    keeping.remove(call.space, keeping.found(call.space, call.ids["id"]))
    return Answer(status=204)
