"""One run of an export: files, manifest, and what it came to (rtcdp 6.4 to 6.8)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from obstore.exceptions import BaseError

from audience_gateway_sandbox.platform.destinations.columns import Column
from audience_gateway_sandbox.platform.destinations.file_names import part_name
from audience_gateway_sandbox.platform.destinations.rows import Counted, Selection, choose, files
from audience_gateway_sandbox.platform.destinations.selectors import (
    INCREMENTAL,
    Activation,
    columns_of,
    mandatory_of,
    unique_by,
)
from audience_gateway_sandbox.platform.destinations.target import Target, target_of
from audience_gateway_sandbox.platform.flow_service.objects import RUNS
from audience_gateway_sandbox.platform.policies.labels import NO_EXPORT, labels_of_field
from audience_gateway_sandbox.platform.storage import Document, Space, written
from audience_gateway_sandbox.platform.wire import Refusal

STATE = "export state"
_SKIPPED = "ACTIVATION_BATCH-0000-SKIP"
_FAILED = "ACTIVATION_BATCH-0000-FAILED"
_NOTHING = Counted(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    folder: str
    name: str
    size: int


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    counted: Counted = _NOTHING
    files: list[Written] = field(default_factory=list)
    error: str = ""


def begin_run(space: Space, flow: Document, audience: str) -> Document:
    """Record a run that has begun."""
    body: dict[str, Any] = {
        "flowId": flow.id,
        "flowSpec": flow.body.get("flowSpec"),
        "providerRefId": audience,
        "imsOrgId": space.org,
        "metrics": {
            "durationSummary": {"startedAtUTC": space.milliseconds},
            "statusSummary": {"status": "inProgress"},
        },
        "activities": [],
    }
    return space.documents(RUNS).add(body)


def finish_run(space: Space, flow: Document, activation: Activation, run: Document, *, full: bool) -> None:
    """Write the files of a run and record what it came to; what an increment told is not told again."""
    outcome = _exported(space, flow, activation, run, full=full)
    metrics = _metrics(space, activation, run, outcome)
    space.documents(RUNS).put(run.id, run.body | {"metrics": metrics})
    if not outcome.error:
        _remember(space, flow, activation)


def export(space: Space, flow: Document, activation: Activation) -> None:
    """Run a scheduled export: full, or what has changed since the last one."""
    incremental = activation.mode == INCREMENTAL and last_export(space, flow, activation) is not None
    finish_run(space, flow, activation, begin_run(space, flow, activation.audience), full=not incremental)


def last_export(space: Space, flow: Document, activation: Activation) -> int | None:
    """Tell up to when an audience has been exported by a flow, in microseconds; None if it has not been."""
    document = space.documents(STATE).get(_key(flow, activation))
    return None if document is None else int(document.body["until"])


def _remember(space: Space, flow: Document, activation: Activation) -> None:
    states, key, body = space.documents(STATE), _key(flow, activation), {"until": space.microseconds}
    if states.get(key) is None:
        states.add(body, key)
    else:
        states.put(key, body)


def _key(flow: Document, activation: Activation) -> str:
    return f"{flow.id}/{activation.audience}"


def _exported(space: Space, flow: Document, activation: Activation, run: Document, *, full: bool) -> Outcome:
    outcome = Outcome()
    try:
        target, columns = target_of(space, flow), _exportable(space, columns_of(space, flow))
        if target is None or not columns:
            outcome.error = "The flow has no target connection or no mapped field."
            return outcome
        selection = Selection(
            activation.audience,
            columns,
            None if full else last_export(space, flow, activation),
            mandatory_of(flow),
            unique_by(flow),
        )
        outcome.counted = choose(space, selection)
        outcome.files = _write(space, flow, activation, target, selection, outcome.counted)
        if target.has_manifest:
            _write_manifest(space, target, run, outcome.files)
    except Refusal as refusal:
        outcome.error = refusal.message
    except (OSError, BaseError) as error:
        # Its text may hold names of files or buckets: what kind of error it is has to do.
        outcome.error = f"Job aborted. ({type(error).__name__})"
    return outcome


def _write(  # noqa: PLR0917 - called in one place
    space: Space, flow: Document, activation: Activation, target: Target, selection: Selection, counted: Counted
) -> list[Written]:
    naming, made = target.naming(space, flow, activation), target.format
    name, folder = naming.name(activation.template), target.folder(naming, space.files.address)
    headers = [column.header for column in selection.columns]
    done: list[Written] = []
    for part, rows in enumerate(files(space, selection, made, space.assumptions.rows_a_file), start=1):
        done.append(_put(space, folder, part_name(name, part) + made.suffix, made.file(headers, rows)))
    if not counted.written and space.assumptions.empty_exports_are_files:
        done.append(_put(space, folder, name + made.suffix, made.file(headers, [])))
    return done


def _put(space: Space, folder: str, name: str, content: bytes) -> Written:
    kept = content[: len(content) // 2] if space.faults.half_written_files else content
    space.files.put(f"{folder}/{name}" if folder else name, kept)
    return Written(folder, name, len(content))


def _write_manifest(space: Space, target: Target, run: Document, done: Sequence[Written]) -> None:
    folder = done[0].folder if done else ""
    manifest = {
        "flowRunId": run.id,
        "scheduledTime": written(space.microseconds),
        "exportResults": [{"sinkPath": f"/{each.folder}", "name": each.name, "size": each.size} for each in done],
    }
    _put(space, folder, f"manifest-{target.id}-{run.id}.json", json.dumps(manifest, indent=2).encode())


def _exportable(space: Space, columns: Sequence[Column]) -> list[Column]:
    """Leave out the columns of fields that no export may have (rtcdp 8.1: C12)."""
    return [column for column in columns if NO_EXPORT not in labels_of_field(space, column.path)]


def _metrics(space: Space, activation: Activation, run: Document, outcome: Outcome) -> dict[str, Any]:
    counted = outcome.counted
    skipped = [
        ("Records didn't match attribute filter.", counted.skipped),
        ("Records are doubles by the deduplication key.", counted.doubles),
    ]
    errors = [{"code": _FAILED, "message": outcome.error}] if outcome.error else []
    records = {
        "inputRecordCount": counted.found,
        "outputRecordCount": 0 if outcome.error else counted.written,
        "createdRecordCount": 0 if outcome.error else counted.written,
        "skippedRecordCount": counted.skipped + counted.doubles,
        "failedRecordCount": counted.written if outcome.error else 0,
        "sourceSummaries": [{"entitySummaries": [{"id": f"segment:{activation.audience}"}]}],
        "targetSummaries": [],
        "skippedInfo": [{"code": _SKIPPED, "message": text, "count": number} for text, number in skipped if number],
        "failedInfo": errors,
    }
    return {
        "durationSummary": {
            "startedAtUTC": run.body["metrics"]["durationSummary"]["startedAtUTC"],
            "completedAtUTC": space.milliseconds,
        },
        "sizeSummary": {"inputBytes": 0, "outputBytes": sum(each.size for each in outcome.files)},
        "recordSummary": records,
        "fileSummary": {"inputFileCount": 0, "outputFileCount": len(outcome.files)},
        "statusSummary": {"status": "failed" if outcome.error else "success", "errors": errors, "activityRefs": []},
    }
