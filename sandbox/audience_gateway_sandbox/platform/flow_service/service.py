"""The flow service, `/data/foundation/flowservice` (rtcdp 6.8, sandbox 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from audience_gateway_sandbox.platform.flow_service import bodies, objects
from audience_gateway_sandbox.platform.flow_service.errors import flow_error
from audience_gateway_sandbox.platform.flow_service.lists import page_of
from audience_gateway_sandbox.platform.flow_service.objects import FLOWS, KINDS, etag_of, shown
from audience_gateway_sandbox.platform.flow_service.specs import CONNECTION_SPECS, FLOW_SPECS, flow_spec
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import (
    Answer,
    Call,
    Endpoint,
    Handler,
    Patch,
    Refusal,
    Service,
    patched,
)

_BASE = "/data/foundation/flowservice"
_LIST = {
    "property": "string", "limit": "integer", "orderby": "string", "count": "boolean", "continuationToken": "string",
}  # fmt: skip
_STATES = {"ENABLE": "enabled", "DISABLE": "disabled"}
Activated = Callable[[Space, Document, Document | None], None]
"""Called with a flow that was written, and with what it was before; may refuse."""


def flow_service(written: Activated) -> Service:
    """List the addresses.

    Args:
        written: called with each flow that was written.
    """
    return Service(
        "Flow service",
        flow_error,
        (
            *_specifications("connectionSpecs", {each.id: each.shown() for each in CONNECTION_SPECS}),
            *_specifications("flowSpecs", {id_: flow_spec(id_) for id_ in FLOW_SPECS}),
            *(endpoint for kind in KINDS for endpoint in _endpoints(kind, written)),
            Endpoint(
                "POST",
                f"{_BASE}/{FLOWS}/{{id}}/action",
                partial(_act, written),
                "Enables or disables a flow.",
                {200: bodies.Written},
                (400, 404),
                query={"op!": "string"},
            ),
        ),
    )


def _endpoints(kind: str, written: Activated) -> list[Endpoint]:
    every, one = f"{_BASE}/{kind}", f"{_BASE}/{kind}/{{id}}"
    body = bodies.KINDS.get(kind, bodies.Connection)
    return [
        Endpoint("GET", every, partial(_list, kind), f"Lists {kind}.", {200: bodies.Items}, (400,), query=_LIST),
        Endpoint(
            "POST", every, partial(_add, kind, written), f"Adds one of {kind}.", {201: bodies.Written}, (400,), body
        ),
        Endpoint("GET", one, partial(_show, kind), f"Shows one of {kind}.", {200: bodies.Items}, (404,)),
        Endpoint(
            "PATCH",
            one,
            partial(_change, kind, written),
            f"Changes one of {kind} by JSON Patch.",
            {200: bodies.Written},
            (400, 404, 412),
            list[Patch],
            headers={"If-Match": "the etag of the object, in double quotes"},
        ),
        Endpoint(
            "DELETE",
            one,
            partial(_remove, kind),
            f"Deletes one of {kind}.",
            {204: None, 202: None},
            (404, 409),
        ),
    ]


def _specifications(name: str, known: dict[str, dict[str, Any]]) -> list[Endpoint]:
    def listed(_: Call) -> Answer:
        return Answer({"items": list(known.values()), "_links": {}})

    def one(call: Call) -> Answer:
        if call.ids["id"] not in known:
            raise Refusal(404, f"{name} not found with id = [requested]", title="NOT_FOUND")
        return Answer({"items": [known[call.ids["id"]]]})

    handlers: tuple[tuple[str, Handler, tuple[int, ...]], ...] = ((name, listed, ()), (f"{name}/{{id}}", one, (404,)))
    return [
        Endpoint("GET", f"{_BASE}/{path}", handler, f"Shows {name}.", {200: bodies.Items}, refusals)
        for path, handler, refusals in handlers
    ]


def _list(kind: str, call: Call) -> Answer:
    documents = list(call.space.documents(kind))
    return Answer(page_of(call, documents, lambda document: shown(document, call.space)))


def _add(kind: str, written: Activated, call: Call) -> Answer:
    document = call.space.documents(kind).add(objects.kept(kind, call.body, call.space))
    if kind == FLOWS:
        written(call.space, document, None)
    return _written(document, 201)


def _show(kind: str, call: Call) -> Answer:
    document = objects.found(call.space, kind, call.ids["id"])
    return Answer({"items": [shown(document, call.space)]})


def _change(kind: str, written: Activated, call: Call) -> Answer:
    before = objects.found(call.space, kind, call.ids["id"])
    document = objects.changed(call, kind, lambda body: patched(body, call.body))
    if kind == FLOWS:
        written(call.space, document, before)
    return _written(document)


def _act(written: Activated, call: Call) -> Answer:
    before = objects.found(call.space, FLOWS, call.ids["id"])
    state = _STATES.get(call.required("op").upper())
    if state is None:
        raise Refusal(400, "The query parameter op must be ENABLE or DISABLE.")
    document = call.space.documents(FLOWS).put(before.id, before.body | {"state": state})
    written(call.space, document, before)
    return _written(document)


def _remove(kind: str, call: Call) -> Answer:
    objects.remove(call.space, kind, call.ids["id"])
    return Answer(status=202 if call.space.assumptions.flow_deletes_answer_202 else 204)


def _written(document: Document, status: int = 200) -> Answer:
    return Answer({"id": document.id, "etag": etag_of(document)}, status, {"ETag": etag_of(document)})
