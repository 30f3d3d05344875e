"""Evaluations of audiences as jobs, on demand and by schedule (rtcdp 1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from audience_gateway_sandbox.platform.audiences.audience import RULED, audiences
from audience_gateway_sandbox.platform.destinations.activation import after_evaluation
from audience_gateway_sandbox.platform.jobs.running import FAILED, NEW, PROCESSING, SUCCEEDED, begin, go_on
from audience_gateway_sandbox.platform.profiles.memberships import Counts, count_by_namespace
from audience_gateway_sandbox.platform.segmentation.errors import invalid
from audience_gateway_sandbox.platform.segmentation.evaluation import evaluate, is_evaluated
from audience_gateway_sandbox.platform.storage import Document, Space, microseconds_of, name_uuid
from audience_gateway_sandbox.platform.wire import Refusal

KIND = "segment job"
EVALUATION = "evaluation"
"""The item of the agenda: the scheduled evaluation of all sandboxes of the platform."""
_ALL = "*"
_ON_DEMAND = "api"
_DEFAULT_POLICY = name_uuid("merge policy", "default")


def start(space: Space, ids: Sequence[str]) -> Document:
    """Start a job. Raises Refusal for an audience that is not there or has no rule, and for too many jobs a day."""
    chosen = _chosen(space, ids)
    limit = space.assumptions.jobs_a_day
    today = space.now.replace(hour=0, minute=0, second=0, microsecond=0)
    started = [each for each in space.documents(KIND) if each.body["source"] == _ON_DEMAND]
    if limit and sum(each.created >= microseconds_of(today) for each in started) >= limit:
        raise Refusal(429, f"A sandbox runs at most {limit} jobs a day, until 00:00 UTC.", code="UPAPI-113440-429")
    document = space.documents(KIND).add(_body(space, chosen, _ON_DEMAND, NEW))
    begin(space, KIND, document)
    return document


def advance(space: Space, id_: str) -> None:
    """Take a job further that is due."""
    go_on(space, KIND, id_, _run)


def evaluate_everywhere(space: Space, _: str) -> None:
    """Evaluate all audiences of all sandboxes of the platform, and again after the time between two evaluations."""
    for (name,) in space.database.execute("SELECT DISTINCT space FROM document WHERE kind = 'audience'").fetchall():
        evaluate_all(replace(space, name=name))
    enter_evaluation(space, "")


def enter_evaluation(space: Space, _: str) -> None:
    """Enter the evaluation after the one that is due now."""
    space.later(EVALUATION, "", timedelta(hours=space.assumptions.evaluation_hours))


def evaluate_all(space: Space) -> None:
    """Evaluate all audiences that are in use, and record it as a job of the scheduler."""
    chosen = [each for each in audiences(space) if is_evaluated(each)]
    jobs = space.documents(KIND)
    document = jobs.add(_body(space, chosen, "scheduler", PROCESSING))
    jobs.put(document.id, document.body | _run(space, document))


def _chosen(space: Space, ids: Sequence[str]) -> list[Document]:
    if _ALL in ids:
        return [each for each in audiences(space) if is_evaluated(each)]
    found = [audiences(space).get(id_) for id_ in ids]
    chosen = [each for each in found if each is not None and each.body["type"] == RULED]
    if not ids or len(chosen) != len(ids):
        raise invalid("A segment job needs ids of segment definitions that are there.")
    return chosen


def _run(space: Space, document: Document) -> dict[str, Any]:
    wanted = [each["segmentId"] for each in document.body["segments"]]
    known = {each.id: each for each in audiences(space)}
    if missing := [id_ for id_ in wanted if id_ not in known]:
        error = {"code": "404", "msg": f"{len(missing)} segment definitions are not there any more.", "callStack": []}
        return {"status": FAILED, "errors": [error]}
    counts = evaluate(space, [known[id_] for id_ in wanted])
    after_evaluation(space, wanted)
    return {"status": SUCCEEDED, "metrics": _metrics(space, document, counts)}


def _metrics(space: Space, document: Document, counts: dict[str, Counts]) -> dict[str, Any]:
    profiles = space.database.execute("SELECT count(*) FROM profile WHERE space = ?", (space.name,)).fetchone()[0]
    times = {
        "startTimeInMs": document.created_ms,
        "endTimeInMs": space.milliseconds,
        "totalTimeInMs": space.milliseconds - document.created_ms,
    }
    return {
        "totalTime": times,
        "profileSegmentationTime": times,
        "totalProfiles": profiles,
        "totalProfilesByMergePolicy": {_DEFAULT_POLICY: profiles},
        "segmentedProfileCounter": {id_: each.realized for id_, each in counts.items()},
        "segmentedProfileByNamespaceCounter": {id_: count_by_namespace(space, id_) for id_ in counts},
        "segmentedProfileByStatusCounter": {
            id_: {"realized": each.realized, "exited": each.exited} for id_, each in counts.items()
        },
    }


def _body(space: Space, chosen: Sequence[Document], source: str, status: str) -> dict[str, Any]:
    return {
        "profileInstanceId": "ups",
        "source": source,
        "status": status,
        "imsOrgId": space.org,
        "sandbox": space.sandbox,
        "schema": {"name": "_xdm.context.profile"},
        "segments": [
            {
                "segmentId": each.id,
                "segment": {
                    "id": each.id,
                    "expression": each.body["expression"],
                    "mergePolicyId": each.body.get("mergePolicyId", _DEFAULT_POLICY),
                    "mergePolicy": {"id": each.body.get("mergePolicyId", _DEFAULT_POLICY), "version": 1},
                },
            }
            for each in chosen
        ],
        "metrics": {},
        "errors": [],
    }
