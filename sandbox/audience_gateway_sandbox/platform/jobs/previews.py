"""Previews and estimates of rules, `/data/core/ups/preview` and `/data/core/ups/estimate` (rtcdp 1.1)."""

from __future__ import annotations

from typing import Any, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.audiences.audience import rule_of
from audience_gateway_sandbox.platform.identities.identity import xid_of
from audience_gateway_sandbox.platform.profiles.memberships import chosen_by
from audience_gateway_sandbox.platform.segmentation.errors import not_found, segmentation_error
from audience_gateway_sandbox.platform.segmentation.pql_sql import condition_of
from audience_gateway_sandbox.platform.storage import Document
from audience_gateway_sandbox.platform.wire import OPEN, Answer, Call, Endpoint, Service

KIND = "preview"
_BASE = "/data/core/ups/preview"
_SAMPLE = 100
_READY = "RESULT_READY"


@with_config(OPEN)
class NewPreview(TypedDict):
    """A rule that is to be tried."""

    predicateExpression: str
    predicateType: NotRequired[str]
    predicateModel: NotRequired[str]


@with_config(OPEN)
class Preview(TypedDict):
    """A preview as it is shown."""

    previewId: str
    state: str


def preview_service() -> Service:
    """List the addresses."""
    one = f"{_BASE}/{{id}}"
    return Service(
        "Previews",
        segmentation_error,
        (
            Endpoint("POST", _BASE, _add, "Tries a rule.", {201: Preview}, (400,), NewPreview),
            Endpoint("GET", one, _show, "Shows some of the profiles that a rule chooses.", {200: Preview}, (404,)),
            Endpoint("DELETE", one, _remove, "Deletes a preview.", {200: dict[str, Any]}, (404,)),
            Endpoint(
                "GET",
                "/data/core/ups/estimate/{id}",
                _estimate,
                "Counts the profiles that a rule chooses; all of them, so that the estimate is exact.",
                {200: dict[str, Any]},
                (404,),
            ),
        ),
    )


def _add(call: Call) -> Answer:
    rule_of(_expression(call.body))
    document = call.space.documents(KIND).add(call.body)
    about = {"previewId": document.id, "previewExecutionId": document.sequence, "previewQueryId": document.id}
    return Answer({"state": "NEW", "previewQueryStatus": "NEW", **about}, 201)


def _show(call: Call) -> Answer:
    document = _found(call)
    sql, parameters = _chosen(call, document)
    rows = call.space.database.execute(
        f"SELECT namespace, min(value) FROM identity WHERE profile IN ({sql} ORDER BY id LIMIT {_SAMPLE})"
        " GROUP BY profile ORDER BY profile",
        parameters,
    )
    results = [{"XID_COLLECTION_KEY": xid_of(namespace, value)} for namespace, value in rows]
    page = {"pageSize": len(results)}
    return Answer({"previewId": document.id, "state": _READY, "results": results, "page": page, "link": {}})


def _remove(call: Call) -> Answer:
    call.space.documents(KIND).remove(_found(call).id)
    return Answer({})


def _estimate(call: Call) -> Answer:
    sql, parameters = _chosen(call, _found(call))
    matched = call.space.database.execute(f"SELECT count(*) FROM ({sql})", parameters).fetchone()[0]
    every = call.space.database.execute("SELECT count(*) FROM profile WHERE space = ?", (call.space.name,)).fetchone()[
        0
    ]
    return Answer(
        {
            "state": _READY,
            "estimatedSize": matched,
            "profilesMatchedSoFar": matched,
            "profilesReadSoFar": every,
            "numRowsToRead": every,
            "totalRows": every,
            "standardError": 0,
            "confidenceInterval": "95%",
        }
    )


def _chosen(call: Call, document: Document) -> tuple[str, list[Any]]:
    return chosen_by(call.space, *condition_of(rule_of(_expression(document.body))))


def _expression(body: dict[str, Any]) -> dict[str, str]:
    return {"format": str(body.get("predicateType") or "pql/text"), "value": str(body["predicateExpression"])}


def _found(call: Call) -> Document:
    document = call.space.documents(KIND).get(call.ids["id"])
    if document is None:
        raise not_found(KIND)
    return document
