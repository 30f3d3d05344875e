"""Exports of audiences into datasets as jobs (rtcdp 1.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from audience_gateway_sandbox.platform.audiences.audience import audiences
from audience_gateway_sandbox.platform.jobs.parquet import parquet_of
from audience_gateway_sandbox.platform.jobs.running import FAILED, NEW, SUCCEEDED, begin, go_on
from audience_gateway_sandbox.platform.policies.labels import without_forbidden
from audience_gateway_sandbox.platform.profiles.profile import entity_of
from audience_gateway_sandbox.platform.segmentation.errors import invalid
from audience_gateway_sandbox.platform.storage import Document, Space, microseconds_of, name_uuid
from audience_gateway_sandbox.platform.wire.filters import value_at
from audience_gateway_sandbox.platform.wire.moments import moment_in

KIND = "export job"
BATCH = "batch"
_REALIZED = "realized"
_EXISTING = "existing"
_FILE = "part-00000.snappy.parquet"


def start(space: Space, body: dict[str, Any]) -> Document:
    """Start a job. Raises Refusal for an audience that is not there, or a time that cannot be read."""
    wanted = _wanted(body)
    if any(audiences(space).get(each["segmentId"]) is None for each in wanted):
        raise invalid("An export job needs ids of audiences that are there.")
    _window(body)
    _ingested_since(body)
    exports = space.documents(KIND)
    destination = body["destination"]
    made = {
        "profileInstanceId": "ups",
        "jobType": "BATCH",
        **body,
        "destination": {"segmentPerBatch": False, **destination},
        "status": NEW,
        "imsOrgId": space.org,
        "sandbox": space.sandbox,
        "metrics": {},
    }
    document = exports.add(made, str(exports.next_sequence))
    begin(space, KIND, document)
    return document


def advance(space: Space, id_: str) -> None:
    """Take a job further that is due."""
    go_on(space, KIND, id_, _run)


def _run(space: Space, document: Document) -> dict[str, Any]:
    body = document.body
    wanted = _wanted(body)
    if any(audiences(space).get(each["segmentId"]) is None for each in wanted):
        return {"status": FAILED, "errors": [{"code": "404", "msg": "An audience is not there any more."}]}
    apart = body["destination"]["segmentPerBatch"] and len(wanted) > 0
    groups = [[each] for each in wanted] if apart else [wanted]
    batches = [_write(space, document, group) for group in groups]
    done: dict[str, Any] = {
        "status": SUCCEEDED,
        "metrics": {
            "totalTime": {
                "startTimeInMs": document.created_ms,
                "endTimeInMs": space.milliseconds,
                "totalTimeInMs": space.milliseconds - document.created_ms,
            },
            "totalExportedProfileCount": sum(each["profiles"] for each in batches),
        },
    }
    if not apart:
        return done | {"batchId": batches[0]["batchId"]}
    return done | {
        "batches": [
            {"segmentId": group[0]["segmentId"], "segmentNs": "ups", "status": [_REALIZED], "batchId": batch["batchId"]}
            for group, batch in zip(groups, batches, strict=True)
        ]
    }


def _write(space: Space, document: Document, wanted: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = sorted(each["segmentId"] for each in wanted)
    batch = name_uuid(BATCH, document.id, *names).replace("-", "").upper()[:26]
    entities = list(_entities(space, document.body, wanted))
    space.datasets.put(f"{batch}/{_FILE}", parquet_of(entities))
    about = {
        "datasetId": document.body["destination"]["datasetId"],
        "file": _FILE,
        "profiles": len(entities),
        "job": document.id,
    }
    space.documents(BATCH).add(about, batch)
    return about | {"batchId": batch}


def _entities(space: Space, body: dict[str, Any], wanted: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    fields = [field.strip() for field in (body.get("fields") or "").split(",") if field.strip()]
    for profile in _profiles(space, body, wanted):
        entity = without_forbidden(space, entity_of(space, profile))
        yield _picked(entity, fields) if fields else entity


def _profiles(space: Space, body: dict[str, Any], wanted: Sequence[dict[str, Any]]) -> list[int]:
    since, until = _window(body)
    ingested = _ingested_since(body)
    if not wanted:
        rows = space.database.execute(
            "SELECT id FROM profile WHERE space = ? AND modified >= ? ORDER BY id", (space.name, ingested)
        )
        return [row[0] for row in rows]
    chosen = [[each["segmentId"], status] for each in wanted for status in _statuses(each)]
    rows = space.database.execute(
        "SELECT DISTINCT profile FROM membership JOIN profile ON profile.id = membership.profile"
        " JOIN json_each(?) AS chosen ON membership.audience = json_extract(chosen.value, '$[0]')"
        " AND membership.status = json_extract(chosen.value, '$[1]')"
        " WHERE profile.space = ? AND qualified >= ? AND qualified < ? AND modified >= ? ORDER BY profile",
        (json.dumps(chosen), space.name, since, until, ingested),
    )
    return [row[0] for row in rows]


def _statuses(wanted: dict[str, Any]) -> set[str]:
    """Tell which statuses are asked for; `existing` is another word for realized (rtcdp 3)."""
    return {_REALIZED if status == _EXISTING else status for status in wanted.get("status") or [_REALIZED]}


def _filter(body: dict[str, Any]) -> dict[str, Any]:
    return body.get("filter") or {}


def _wanted(body: dict[str, Any]) -> list[dict[str, Any]]:
    return _filter(body).get("segments") or []


def _window(body: dict[str, Any]) -> tuple[int, int]:
    window = _filter(body).get("segmentQualificationTime") or {}
    return _moment(window.get("startTime"), 0), _moment(window.get("endTime"), 1 << 62)


def _ingested_since(body: dict[str, Any]) -> int:
    return _moment(_filter(body).get("fromIngestTimestamp"), 0)


def _moment(text: str | None, default: int) -> int:
    return microseconds_of(moment_in(text)) if text else default


def _picked(entity: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in fields:
        *holders, name = field.split(".")
        source = value_at(entity, ".".join(holders)) if holders else entity
        if isinstance(source, dict) and name in source:
            target = made
            for holder in holders:
                target = target.setdefault(holder, {})
            target[name] = source[name]
    return made
