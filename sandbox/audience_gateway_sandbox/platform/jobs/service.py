"""The job services, `/data/core/ups/segment/jobs` and `/data/core/ups/export/jobs` (rtcdp 1.5, 1.6, sandbox 5.4)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.audiences.bodies import BulkAnswer, BulkGet
from audience_gateway_sandbox.platform.audiences.pages import page_from_start
from audience_gateway_sandbox.platform.audiences.service import bulk_get
from audience_gateway_sandbox.platform.jobs import bodies, exports, segment_jobs
from audience_gateway_sandbox.platform.jobs.running import cancel
from audience_gateway_sandbox.platform.segmentation.errors import not_found, segmentation_error
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Service
from audience_gateway_sandbox.platform.wire.filters import filter_of

_JOBS = "/data/core/ups/segment/jobs"
_EXPORTS = "/data/core/ups/export/jobs"
_LIST = {"start": "integer", "limit": "integer", "status": "string", "property": "string"}
_SECOND = 1000


def segment_job_service() -> Service:
    """List the addresses of segment jobs."""
    one = f"{_JOBS}/{{id}}"
    return Service(
        "Segment jobs",
        segmentation_error,
        (
            Endpoint(
                "GET",
                _JOBS,
                _list_jobs,
                "Lists segment jobs, newest first.",
                {200: bodies.JobPage},
                (400,),
                query=_LIST,
            ),
            Endpoint(
                "POST",
                _JOBS,
                _start_job,
                "Starts an evaluation.",
                {200: bodies.Job},
                (400, 429),
                list[bodies.WantedSegment] | bodies.AllSegments,
            ),
            Endpoint(
                "POST",
                f"{_JOBS}/bulk-get",
                bulk_get(lambda space, id_: space.documents(segment_jobs.KIND).get(id_), _job),
                "Shows several segment jobs.",
                {207: BulkAnswer},
                (400, 404),
                BulkGet,
            ),
            Endpoint("GET", one, _show_job, "Shows a segment job.", {200: bodies.Job}, (404,)),
            Endpoint("DELETE", one, _cancel_job, "Cancels a segment job.", {204: None}, (404,)),
        ),
    )


def export_job_service() -> Service:
    """List the addresses of export jobs."""
    one = f"{_EXPORTS}/{{id}}"
    query = {"offset": "string", "limit": "integer", "status": "string"}
    return Service(
        "Export jobs",
        segmentation_error,
        (
            Endpoint(
                "GET",
                _EXPORTS,
                _list_exports,
                "Lists export jobs, newest first.",
                {200: bodies.ExportPage},
                (400,),
                query=query,
            ),
            Endpoint(
                "POST", _EXPORTS, _start_export, "Starts an export.", {200: bodies.Export}, (400,), bodies.NewExport
            ),
            Endpoint("GET", one, _show_export, "Shows an export job.", {200: bodies.Export}, (404,)),
            Endpoint("DELETE", one, _cancel_export, "Cancels an export job.", {200: dict[str, Any]}, (404,)),
        ),
    )


def _job(document: Document, space: Space) -> dict[str, Any]:
    address = f"{_JOBS}/{document.id}"
    return document.body | {
        "id": document.id,
        "creationTime": document.created_ms,
        "updateTime": document.updated_ms,
        "updateEpoch": document.updated_ms // _SECOND,
        "requestId": document.id,
        "imsOrgId": space.org,
        "_links": {
            "cancel": {"href": address, "method": "DELETE"},
            "checkStatus": {"href": address, "method": "GET"},
        },
    }


def _list_jobs(call: Call) -> Answer:
    passes = filter_of(call.query.getall("property", []))
    status = call.text("status")
    objects = [_job(each, call.space) for each in call.space.documents(segment_jobs.KIND).newest_first()]
    chosen = [each for each in objects if passes(each) and status in {"", each["status"]}]
    return Answer(page_from_start(call, chosen))


def _start_job(call: Call) -> Answer:
    wanted = call.body if isinstance(call.body, list) else call.body["segments"]
    return Answer(_job(segment_jobs.start(call.space, [each["segmentId"] for each in wanted]), call.space))


def _show_job(call: Call) -> Answer:
    return Answer(_job(_found(call, segment_jobs.KIND), call.space))


def _cancel_job(call: Call) -> Answer:
    cancel(call.space, segment_jobs.KIND, _found(call, segment_jobs.KIND))
    return Answer(status=204)


def _export(document: Document) -> dict[str, Any]:
    return document.body | {
        "id": int(document.id),
        "creationTime": document.created_ms,
        "createdTime": document.created_ms,
        "updateTime": document.updated_ms,
        "requestId": document.id,
    }


def _list_exports(call: Call) -> Answer:
    status = call.text("status")
    limit = call.number("limit", 100, least=1, most=1000)
    offset = call.text("offset").rpartition("_")[2]
    before = int(offset) if offset.isascii() and offset.isdecimal() else None
    chosen = [
        each
        for each in call.space.documents(exports.KIND).newest_first()
        if status in {"", each.body["status"]} and (before is None or each.sequence < before)
    ]
    shown, more = chosen[:limit], len(chosen) > limit
    following = f"{shown[-1].created_ms}_{shown[-1].sequence}" if more else ""
    page = {"sortField": "createdTime", "sort": "desc", "pageOffset": following, "pageSize": len(shown)}
    link = f"/export/jobs/?limit={limit}&offset={following}" if more else ""
    return Answer({"records": [_export(each) for each in shown], "page": page, "link": {"next": link}})


def _start_export(call: Call) -> Answer:
    return Answer(_export(exports.start(call.space, call.body)))


def _show_export(call: Call) -> Answer:
    return Answer(_export(_found(call, exports.KIND)))


def _cancel_export(call: Call) -> Answer:
    cancel(call.space, exports.KIND, _found(call, exports.KIND))
    return Answer({"status": True, "message": "Export job has been marked for cancelling"})


def _found(call: Call, kind: str) -> Document:
    document = call.space.documents(kind).get(call.ids["id"])
    if document is None:
        raise not_found(kind)
    return document
