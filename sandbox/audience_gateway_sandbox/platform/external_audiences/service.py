"""External audiences from files, `/data/core/ais` (rtcdp 1.7, sandbox 5.3)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.platform.audiences.audience import EXTERNAL, audiences
from audience_gateway_sandbox.platform.audiences.keeping import remove
from audience_gateway_sandbox.platform.external_audiences import bodies, runs
from audience_gateway_sandbox.platform.external_audiences.errors import external_audience_error
from audience_gateway_sandbox.platform.external_audiences.runs import OPERATION, PROCESSING, RUN
from audience_gateway_sandbox.platform.identities.namespaces import by_code
from audience_gateway_sandbox.platform.storage import Document
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Refusal, Service

_BASE = "/data/core/ais/external-audience"
_CUSTOM_ID = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_DAYS = range(1, 91)
_DEFAULT_DAYS = 30
_DEFAULT_NAMESPACE = "CustomerAudienceUpload"
_SECOND = 1_000_000


def external_audience_service() -> Service:
    """List the addresses."""
    one = f"{_BASE}/{{id}}"
    return Service(
        "External audiences",
        external_audience_error,
        (
            Endpoint(
                "POST",
                _BASE,
                _create,
                "Starts to make an audience.",
                {202: bodies.Operation},
                (400, 409, 422),
                bodies.NewExternalAudience,
            ),
            Endpoint(
                "GET",
                f"{_BASE}/operations/{{id}}",
                _operation,
                "Tells how that goes on.",
                {200: dict[str, Any]},
                (404,),
            ),
            Endpoint(
                "POST",
                f"{_BASE}/extend-ttl/{{id}}",
                _extend,
                "Lets members stay for another lifetime.",
                {200: dict[str, Any]},
                (404,),
            ),
            Endpoint(
                "PATCH",
                one,
                _change,
                "Replaces the members that are sent, which is plain JSON and no JSON Patch.",
                {200: dict[str, Any]},
                (400, 404, 422),
                bodies.ChangedExternalAudience,
            ),
            Endpoint("DELETE", one, _remove, "Deletes an audience.", {204: None}, (400, 404)),
            Endpoint(
                "POST",
                f"{one}/runs",
                _start,
                "Starts to ingest the file.",
                {200: bodies.Run},
                (400, 404, 409, 422),
                bodies.NewRun,
            ),
            Endpoint("GET", f"{one}/runs", _runs, "Lists the runs.", {200: bodies.Runs}, (404,)),
            Endpoint("GET", f"{one}/runs/{{run}}", _run, "Tells how a run goes on.", {200: bodies.Run}, (404,)),
        ),
    )


def _create(call: Call) -> Answer:
    body = call.body
    _check(call, body)
    custom = body.get("customAudienceId")
    if custom is not None and any(each.body.get("audienceId") == custom for each in audiences(call.space)):
        raise Refusal(409, "An audience of this customAudienceId exists.")
    request = body | {
        "ttlInDays": _days(body),
        "namespace": body.get("namespace") or _DEFAULT_NAMESPACE,
        "originName": body.get("originName") or "CUSTOM_UPLOAD",
    }
    operation = call.space.documents(OPERATION).add({"request": request, "status": PROCESSING})
    call.space.later(runs.CREATE, operation.id, timedelta(milliseconds=call.space.assumptions.job_milliseconds))
    return Answer({"operationId": operation.id, "operationDetails": request}, 202)


def _operation(call: Call) -> Answer:
    document = call.space.documents(OPERATION).get(call.ids["id"])
    if document is None:
        raise Refusal(404, "The operation is not found.")
    request, status = document.body["request"], document.body["status"]
    about = {
        "operationId": document.id,
        "status": status,
        "operationDetails": request,
        "audienceName": request["name"],
        "createdBy": credentials.TECHNICAL_ACCOUNT,
        "createdAt": document.created // _SECOND,
        "updatedBy": credentials.TECHNICAL_ACCOUNT,
        "updatedAt": document.updated // _SECOND,
    }
    made = {"audienceId": document.body["audienceId"]} if "audienceId" in document.body else {}
    return Answer(about | made)


def _extend(call: Call) -> Answer:
    document = _found(call)
    runs.extend(call.space, document)
    return Answer({"audienceId": document.id, "name": document.body["name"]})


def _change(call: Call) -> Answer:
    document = _found(call)
    given = {name: call.body[name] for name in ("description", "labels", "fields") if name in call.body}
    if "ttlInDays" in call.body:
        given["ttlInDays"] = _days(call.body)
    changed = document.body | given
    _check(call, changed)
    return Answer(_shown(audiences(call.space).put(document.id, changed)))


def _remove(call: Call) -> Answer:
    remove(call.space, _found(call))
    return Answer(status=204)


def _start(call: Call) -> Answer:
    document = _found(call)
    if "sourceSpec" not in document.body:
        raise Refusal(422, "The audience does not come from a file.")
    return Answer(_run_shown(runs.start_run(call.space, document, call.body)))


def _runs(call: Call) -> Answer:
    audience = _found(call)
    listed = [run for run in call.space.documents(RUN).newest_first() if run.body["audienceId"] == audience.id]
    return Answer({"runs": [_run_shown(run) for run in listed]})


def _run(call: Call) -> Answer:
    audience, run = _found(call), call.space.documents(RUN).get(call.ids["run"])
    if run is None or run.body["audienceId"] != audience.id:
        raise Refusal(404, "The run is not found.")
    return Answer(_run_shown(run))


def _found(call: Call) -> Document:
    """Find an external audience by its id, or by the one that its maker chose."""
    id_ = call.ids["id"]
    document = audiences(call.space).get(id_) or next(
        (each for each in audiences(call.space) if each.body.get("audienceId") == id_), None
    )
    if document is None or document.body["type"] not in EXTERNAL:
        raise Refusal(404, "The audience is not found.")
    return document


def _check(call: Call, body: dict[str, Any]) -> None:
    identities = [field["identityNs"] for field in body.get("fields", []) if field.get("identityNs")]
    if "fields" in body and len(identities) != 1:
        raise Refusal(400, "Exactly one of the fields has an identityNs.")
    if any(by_code(call.space, code) is None for code in identities):
        raise Refusal(422, "The identityNs is no namespace that is known.")
    if " " in body.get("sourceSpec", {}).get("params", {}).get("path", ""):
        raise Refusal(400, "The path has no spaces.")
    custom = body.get("customAudienceId")
    if custom is not None and not _CUSTOM_ID.fullmatch(custom):
        raise Refusal(400, "A customAudienceId consists of letters, digits, _ and $, and begins with no digit.")


def _days(body: dict[str, Any]) -> int:
    days = int(body.get("ttlInDays", _DEFAULT_DAYS))
    if days not in _DAYS:
        raise Refusal(400, f"ttlInDays must be from {_DAYS[0]} to {_DAYS[-1]}.")
    return days


def _shown(document: Document) -> dict[str, Any]:
    return document.body | {
        "audienceId": document.id,
        "audienceName": document.body["name"],
        "createdAt": document.created // _SECOND,
        "updatedAt": document.updated // _SECOND,
    }


def _run_shown(run: Document) -> dict[str, Any]:
    return run.body | {"runId": run.id, "createdAt": run.created // _SECOND, "updatedAt": run.updated // _SECOND}
