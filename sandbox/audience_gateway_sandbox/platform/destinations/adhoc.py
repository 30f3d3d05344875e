"""Activation on demand, `/data/core/activation/disflowprovider/adhocrun` (rtcdp 6.9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.destinations.activation import activation_time
from audience_gateway_sandbox.platform.destinations.runs import begin_run, finish_run
from audience_gateway_sandbox.platform.destinations.schedules import is_open
from audience_gateway_sandbox.platform.destinations.selectors import Activation, activations_of
from audience_gateway_sandbox.platform.flow_service.objects import FLOWS, RUNS
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import OPEN, Answer, Call, Endpoint, Refusal, Service

ADHOC = "adhoc export"
"""The item of the agenda."""
_MOST_AUDIENCES = 80
_VERSION = "application/vnd.adobe.adhoc.activation+json; version=2"


@with_config(OPEN)
class AdhocRequest(TypedDict):
    """Which audiences of which flows are to be exported now."""

    activationInfo: dict[str, list[str]]


def adhoc_service() -> Service:
    """List the addresses."""
    return Service(
        "Activation on demand",
        lambda refusal, request_id: {"message": refusal.message, "requestId": request_id},
        (
            Endpoint(
                "POST",
                "/data/core/activation/disflowprovider/adhocrun",
                _run,
                "Exports audiences of flows now, whole.",
                {200: dict[str, Any]},
                (400,),
                AdhocRequest,
                headers={"Accept": _VERSION},
            ),
        ),
    )


def finish_adhoc(space: Space, run_id: str) -> None:
    """Write the files of a run on demand."""
    run = space.documents(RUNS).get(run_id)
    flow = run and space.documents(FLOWS).get(run.body["flowId"])
    if run is None or not flow:
        return
    for activation in activations_of(flow):
        if activation.audience == run.body["providerRefId"]:
            finish_run(space, flow, activation, run, full=True)


def fail_adhoc(space: Space, run_id: str) -> None:
    """End a run that could not be done."""
    run = space.documents(RUNS).get(run_id)
    if run is not None:
        metrics = run.body["metrics"] | {"statusSummary": {"status": "failed", "errors": []}}
        space.documents(RUNS).put(run_id, run.body | {"metrics": metrics})


def _run(call: Call) -> Answer:
    wanted = [(flow, audience) for flow, listed in call.body["activationInfo"].items() for audience in listed]
    if not 0 < len(wanted) <= _MOST_AUDIENCES:
        raise Refusal(400, f"A job has between 1 and {_MOST_AUDIENCES} audiences.")
    checked = [_checked(call.space, flow, audience) for flow, audience in wanted]
    return Answer({"order": [_begun(call, flow, activation) for flow, activation in checked]})


def _checked(space: Space, flow_id: str, audience: str) -> tuple[Document, Activation]:
    flow = space.documents(FLOWS).get(flow_id)
    listed = activations_of(flow) if flow else []
    activation = next((each for each in listed if each.audience == audience), None)
    if flow is None or activation is None or not _may_run(space, flow, activation):
        raise Refusal(400, f"Segments {audience} are not part of this dataflow or out of schedule range!")
    running = [
        run.id
        for run in space.documents(RUNS)
        if run.body["flowId"] == flow.id
        and run.body.get("providerRefId") == audience
        and run.body.get("metrics", {}).get("statusSummary", {}).get("status") == "inProgress"
    ]
    if running:
        raise Refusal(400, f"Run already going on for segment {audience} for order {flow.id} with run id {running[0]}")
    return flow, activation


def _may_run(space: Space, flow: Document, activation: Activation) -> bool:
    since = activation_time(space, flow, activation.audience)
    wait = timedelta(minutes=space.assumptions.adhoc_minutes) // timedelta(microseconds=1)
    return is_open(activation.schedule, space.now) and since is not None and since + wait <= space.microseconds


def _begun(call: Call, flow: Document, activation: Activation) -> dict[str, str]:
    run = begin_run(call.space, flow, activation.audience)
    call.space.later(ADHOC, run.id, timedelta(milliseconds=call.space.assumptions.job_milliseconds))
    address = f"{call.origin}/data/foundation/flowservice/runs/{run.id}"
    return {"segment": activation.audience, "order": flow.id, "statusURL": address}
