"""Operations and runs of external audiences, as they go on by themselves (rtcdp 1.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from audience_gateway_sandbox.platform.audiences.audience import audiences, kept
from audience_gateway_sandbox.platform.destinations.activation import after_evaluation
from audience_gateway_sandbox.platform.external_audiences.ingestion import FileError, ingest, lifetime_of
from audience_gateway_sandbox.platform.profiles.memberships import end_those_expired
from audience_gateway_sandbox.platform.storage import Document, Space, microseconds_of, moment_of, name_uuid
from audience_gateway_sandbox.platform.wire import Refusal

OPERATION, RUN = "external audience operation", "external audience run"
CREATE, INGEST, EXPIRY = "external audience creation", "external audience ingestion", "external audience expiry"
"""Items of the agenda."""
PROCESSING, SUCCESS, FAILED = "PROCESSING", "SUCCESS", "FAILED"
_STAGES = ("DATASET_INGEST", "PROFILE_STORE_INGEST")
_RUNS_A_DAY, _RUNS_OF_AN_AUDIENCE = 100, 10
"""Limits (rtcdp 1.7)."""


def create(space: Space, operation_id: str) -> None:
    """Make the audience of an operation that is due."""
    operations = space.documents(OPERATION)
    operation = operations.get(operation_id)
    if operation is None:
        return
    request = operation.body["request"]
    body = {name: value for name, value in request.items() if name != "customAudienceId"}
    body |= {"type": "ExternalSegment", "datasetId": name_uuid("dataset", operation_id)[:24].replace("-", "")}
    if request.get("customAudienceId"):
        body["audienceId"] = request["customAudienceId"]
    audience = audiences(space).add(kept(body))
    operations.put(operation_id, operation.body | {"status": SUCCESS, "audienceId": audience.id})


def start_run(space: Space, audience: Document, body: dict[str, Any]) -> Document:
    """Start to ingest an audience's file. Raises Refusal while another run goes on, and beyond the limits."""
    runs = list(space.documents(RUN))
    own = [run for run in runs if run.body["audienceId"] == audience.id]
    if any(run.body["status"] == PROCESSING for run in own):
        raise Refusal(409, "A run of this audience is going on.")
    today = microseconds_of(space.now.replace(hour=0, minute=0, second=0, microsecond=0))
    if sum(run.created >= today for run in runs) >= _RUNS_A_DAY:
        raise Refusal(422, f"A sandbox ingests at most {_RUNS_A_DAY} times a day.")
    if len(own) >= _RUNS_OF_AN_AUDIENCE:
        raise Refusal(422, f"An audience is ingested at most {_RUNS_OF_AN_AUDIENCE} times.")
    about = {
        "audienceId": audience.id,
        "audienceName": audience.body["name"],
        "differentialIngestion": bool(own),
        "dataFilterStartTime": body["dataFilterStartTime"],
        **({"dataFilterEndTime": body["dataFilterEndTime"]} if "dataFilterEndTime" in body else {}),
        "status": PROCESSING,
        "details": _details(PROCESSING, audience.id),
    }
    run = space.documents(RUN).add(about)
    space.later(INGEST, run.id, timedelta(milliseconds=space.assumptions.job_milliseconds))
    return run


def finish_run(space: Space, run_id: str) -> None:
    """Ingest the file of a run that is due."""
    runs = space.documents(RUN)
    run = runs.get(run_id)
    audience = run and audiences(space).get(run.body["audienceId"])
    if run is None or not audience:
        return
    try:
        ingested = ingest(space, audience.id, audience.body)
    except FileError as error:
        changed: dict[str, Any] = {"status": FAILED, "message": str(error)}
    else:
        counts = {"rows": ingested.rows, "members": ingested.members, "skipped": ingested.skipped}
        changed = {"status": SUCCESS, "recordCounts": counts}
        _enter_expiry(space, audience.id)
        after_evaluation(space, [audience.id])
    runs.put(run_id, run.body | changed | {"details": _details(changed["status"], run_id)})


def fail_creation(space: Space, operation_id: str) -> None:
    """End an operation that could not be done."""
    _end(space, OPERATION, operation_id)


def fail_run(space: Space, run_id: str) -> None:
    """End a run that could not be done."""
    _end(space, RUN, run_id)


def _end(space: Space, kind: str, id_: str) -> None:
    document = space.documents(kind).get(id_)
    if document is not None:
        space.documents(kind).put(id_, document.body | {"status": FAILED})


def expire(space: Space, audience_id: str) -> None:
    """Let those leave whose time is over; others stay until theirs is."""
    if end_those_expired(space, audience_id):
        after_evaluation(space, [audience_id])
    _enter_expiry(space, audience_id)


def extend(space: Space, audience: Document) -> None:
    """Let all members stay for another lifetime of the audience."""
    lifetime = lifetime_of(audience.body)
    space.database.execute(
        "UPDATE membership SET valid_until = valid_until + ? WHERE audience = ? AND status = 'realized'",
        (lifetime // timedelta(microseconds=1), audience.id),
    )
    _enter_expiry(space, audience.id)


def _enter_expiry(space: Space, audience_id: str) -> None:
    """Enter when the first of an audience's memberships is over: a later file renews those of its own people only."""
    row = space.database.execute(
        "SELECT min(valid_until) FROM membership WHERE audience = ? AND status = 'realized'", (audience_id,)
    ).fetchone()
    if row[0] is not None:
        space.at(EXPIRY, audience_id, moment_of(row[0]))


def _details(status: str, seed: str) -> list[dict[str, str]]:
    return [{"stage": stage, "status": status, "flowRunId": name_uuid(stage, seed)} for stage in _STAGES]
