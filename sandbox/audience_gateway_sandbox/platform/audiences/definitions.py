"""Segment definitions, `/data/core/ups/segment/definitions`: audiences with a rule (rtcdp 1.1, 1.3, sandbox 5.1)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.audiences import bodies, keeping
from audience_gateway_sandbox.platform.audiences.audience import RULED, audiences, rule_of, shown
from audience_gateway_sandbox.platform.audiences.pages import Order, limit_of, pages_of
from audience_gateway_sandbox.platform.audiences.service import bulk_get
from audience_gateway_sandbox.platform.segmentation.errors import segmentation_error
from audience_gateway_sandbox.platform.segmentation.pql_json import write_pql, write_pql_json
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Service
from audience_gateway_sandbox.platform.wire.filters import filter_of

_BASE = "/data/core/ups/segment/definitions"
_HIDDEN = frozenset({"audienceId", "type", "namespace", "originName", "lifecycleState", "isSystem", "dependents"})
_LIST = {"page": "integer", "limit": "integer", "sort": "string", "property": "string"}
_STREAMED = "evaluationInfo.continuous.enabled"


def definition_service() -> Service:
    """List the addresses."""
    one = f"{_BASE}/{{id}}"
    return Service(
        "Segment definitions",
        segmentation_error,
        (
            Endpoint(
                "GET",
                _BASE,
                _list,
                "Lists segment definitions.",
                {200: bodies.DefinitionPage},
                (400,),
                query=_LIST | {_STREAMED: "boolean"},
            ),
            Endpoint(
                "POST",
                _BASE,
                _add,
                "Adds a segment definition.",
                {200: bodies.Definition},
                (400, 422),
                bodies.NewDefinition,
            ),
            Endpoint(
                "POST",
                f"{_BASE}/bulk-get",
                bulk_get(_definition, _shown),
                "Shows several segment definitions.",
                {207: bodies.BulkAnswer},
                (400, 404),
                bodies.BulkGet,
            ),
            Endpoint("GET", one, _show, "Shows a segment definition.", {200: bodies.Definition}, (404,)),
            Endpoint(
                "PATCH",
                one,
                _change,
                "Changes the members of a segment definition that are sent, which is plain JSON and no JSON Patch.",
                {200: bodies.Definition},
                (400, 404, 422),
                bodies.ChangedDefinition,
            ),
            Endpoint("DELETE", one, _remove, "Deletes a segment definition.", {200: dict[str, Any]}, (400, 404)),
            Endpoint(
                "POST",
                "/data/core/ups/segment/conversion",
                _convert,
                "Writes a rule in the other of the formats pql/text and pql/json.",
                {200: bodies.Conversion},
                (400,),
                bodies.Conversion,
            ),
        ),
    )


def _definition(space: Space, id_: str) -> Document | None:
    document = audiences(space).get(id_)
    return document if document and document.body["type"] == RULED else None


def _shown(document: Document, space: Space) -> dict[str, Any]:
    return {name: value for name, value in shown(document, space).items() if name not in _HIDDEN}


def _list(call: Call) -> Answer:
    passes = filter_of(call.query.getall("property", []))
    every = [each for each in audiences(call.space).newest_first() if each.body["type"] == RULED]
    objects = [each for each in (_shown(document, call.space) for document in every) if passes(each)]
    if call.text(_STREAMED):
        objects = [each for each in objects if each["evaluationInfo"]["continuous"]["enabled"] is call.flag(_STREAMED)]
    order, limit, number = Order.of(call), limit_of(call), call.number("page", 0)
    page = {
        "totalCount": len(objects),
        "totalPages": pages_of(len(objects), limit),
        "sortField": order.field,
        "sort": order.direction,
        "pageSize": limit,
        "limit": limit,
    }
    segments = order.sorted(objects)[number * limit : (number + 1) * limit]
    return Answer({"segments": segments, "page": page, "link": {}})


def _add(call: Call) -> Answer:
    return Answer(_shown(keeping.add(call.space, call.body | {"type": RULED}), call.space))


def _show(call: Call) -> Answer:
    return Answer(_shown(keeping.found(call.space, call.ids["id"], ruled=True), call.space))


def _change(call: Call) -> Answer:
    document = keeping.found(call.space, call.ids["id"], ruled=True)
    given = {name: value for name, value in call.body.items() if name not in _HIDDEN}
    return Answer(_shown(keeping.change(call.space, document, document.body | given), call.space))


def _remove(call: Call) -> Answer:
    keeping.remove(call.space, keeping.found(call.space, call.ids["id"], ruled=True))
    return Answer({})


def _convert(call: Call) -> Answer:
    expression = call.body["expression"]
    rule = rule_of(expression)
    as_text = expression.get("format") == "pql/json"
    converted = {
        "type": "PQL",
        "format": "pql/text" if as_text else "pql/json",
        "value": write_pql(rule) if as_text else write_pql_json(rule),
    }
    return Answer({**call.body, "expression": converted})
