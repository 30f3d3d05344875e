"""Where the files of an export are read: catalog and data access, `/data/foundation` (rtcdp 1.6)."""

from __future__ import annotations

from typing import Any

from audience_gateway_sandbox.platform.jobs.exports import BATCH
from audience_gateway_sandbox.platform.storage import Document
from audience_gateway_sandbox.platform.wire import Answer, Call, Endpoint, Refusal, Service

_FILES = "/data/foundation/export/files"


def data_access_service() -> Service:
    """List the addresses."""
    return Service(
        "Data access",
        _error,
        (
            Endpoint(
                "GET",
                "/data/foundation/catalog/batches/{id}",
                _batch,
                "Tells about a batch.",
                {200: dict[str, Any]},
                (404,),
            ),
            Endpoint(
                "GET",
                "/data/foundation/export/batches/{id}/files",
                _files,
                "Lists the files of a batch.",
                {200: dict[str, Any]},
                (404,),
            ),
            Endpoint(
                "GET",
                f"{_FILES}/{{id}}",
                _file,
                "Lists what a file consists of, or answers one of these by its path.",
                {200: dict[str, Any]},
                (404,),
                query={"path": "string"},
                raw="application/octet-stream",
            ),
        ),
    )


def _error(refusal: Refusal, request_id: str) -> dict[str, Any]:
    return {"status": refusal.status, "title": "Error", "detail": refusal.message, "requestId": request_id}


def _batch(call: Call) -> Answer:
    document = _found(call, call.ids["id"])
    about = {
        "status": "success",
        "imsOrg": call.space.org,
        "created": document.created_ms,
        "updated": document.updated_ms,
        "completed": document.updated_ms,
        "relatedObjects": [{"type": "dataSet", "id": document.body["datasetId"]}],
        "recordCount": document.body["profiles"],
        "metrics": {"outputRecordCount": document.body["profiles"]},
    }
    return Answer({document.id: about})


def _files(call: Call) -> Answer:
    document = _found(call, call.ids["id"])
    file = f"{document.id}-1"
    entry = {
        "dataSetFileId": file,
        "dataSetViewId": document.body["datasetId"],
        "version": "1.0.0",
        "created": str(document.created_ms),
        "updated": str(document.updated_ms),
        "isValid": True,
        "_links": {"self": {"href": f"{call.origin}{_FILES}/{file}"}},
    }
    return Answer({"data": [entry], "_page": {"limit": 100, "count": 1}})


def _file(call: Call) -> Answer:
    document = _found(call, call.ids["id"].removesuffix("-1"))
    name = document.body["file"]
    content = call.space.datasets.get(f"{document.id}/{name}")
    if path := call.text("path"):
        if path != name:
            raise Refusal(404, "The file has no part of this path.")
        return Answer(content)
    entry = {
        "name": name,
        "length": str(len(content)),
        "_links": {"self": {"href": f"{call.origin}{_FILES}/{call.ids['id']}?path={name}"}},
    }
    return Answer({"data": [entry], "_page": {"limit": 100, "count": 1}})


def _found(call: Call, id_: str) -> Document:
    document = call.space.documents(BATCH).get(id_)
    if document is None:
        raise Refusal(404, "The batch is not found.")
    return document
