"""Activates audiences to destinations: checks what flows say, and has exports done when they are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from audience_gateway_sandbox.platform.audiences.audience import RULED, audiences, rule_of
from audience_gateway_sandbox.platform.destinations.file_names import check_template
from audience_gateway_sandbox.platform.destinations.push_bodies import note_mapping
from audience_gateway_sandbox.platform.destinations.pushing import enter_pushes
from audience_gateway_sandbox.platform.destinations.runs import export
from audience_gateway_sandbox.platform.destinations.schedules import follows_evaluation, is_once, is_open, next_export
from audience_gateway_sandbox.platform.destinations.selectors import Activation, activations_of, columns_of, unique_by
from audience_gateway_sandbox.platform.destinations.sharing import SHARE, enter_announcement, enter_changes
from audience_gateway_sandbox.platform.destinations.target import Target, target_of
from audience_gateway_sandbox.platform.flow_service.objects import FLOWS
from audience_gateway_sandbox.platform.policies.labels import bare, labels_of_fields
from audience_gateway_sandbox.platform.policies.policy import action_reference, violated
from audience_gateway_sandbox.platform.segmentation.pql_tree import fields_of
from audience_gateway_sandbox.platform.storage import Document, Space
from audience_gateway_sandbox.platform.wire import Refusal

EXPORT = "export"
"""The item of the agenda: a scheduled export."""
ACTIVATED = "activated"


def flow_written(space: Space, flow: Document, before: Document | None) -> None:
    """Check a flow that was written, and enter when its exports are due.

    Raises Refusal if its selectors cannot be read, or if a policy forbids what it does (rtcdp 8.2).
    """
    activations, target = activations_of(flow), target_of(space, flow)
    columns_of(space, flow)
    unique_by(flow)
    for activation in activations:
        check_template(activation.template)
        next_export(activation.schedule, space.now)
    if target is not None and activations:
        if not target.pushes and not target.shares:
            _ = target.format
        _check_policies(space, flow, target, activations)
    former = _readable(before)
    for audience in former.keys() - {each.audience for each in activations}:
        space.never(EXPORT, f"{flow.id}/{audience}")
        space.never(SHARE, f"{flow.id}/{audience}")
        note_mapping(space, flow, audience, is_mapped=False)
    for activation in activations:
        note_mapping(space, flow, activation.audience, is_mapped=True)
        if former.get(activation.audience) != activation or _state(before) != _state(flow):
            _enter(space, flow, activation, target)


def run_export(space: Space, reference: str) -> None:
    """Do a scheduled export and enter the next one."""
    flow, activation = _found(space, reference)
    if flow is None or activation is None or _state(flow) != "enabled":
        return
    export(space, flow, activation)
    enter_next(space, reference)


def enter_next(space: Space, reference: str) -> None:
    """Enter the export after the one that is due now, if there is one."""
    _, activation = _found(space, reference)
    if activation is not None and not is_once(activation.schedule):
        due = next_export(activation.schedule, space.now + timedelta(microseconds=1))
        if due is not None:
            space.at(EXPORT, reference, due)


def after_evaluation(space: Space, ids: Sequence[str]) -> None:
    """Export and push the audiences that were evaluated, where flows say so."""
    for flow in space.documents(FLOWS):
        target = target_of(space, flow)
        if target is None or _state(flow) != "enabled":
            continue
        for activation in activations_of(flow):
            if activation.audience not in ids:
                continue
            if target.pushes:
                enter_pushes(space, flow, activation.audience)
            elif target.shares:
                enter_changes(space, flow, activation.audience)
            elif follows_evaluation(activation.schedule) and is_open(activation.schedule, space.now):
                export(space, flow, activation)


def activation_time(space: Space, flow: Document, audience: str) -> int | None:
    """Tell when an audience was first activated by a flow, in microseconds; None if it is not."""
    document = space.documents(ACTIVATED).get(f"{flow.id}/{audience}")
    return None if document is None else document.created


def _enter(space: Space, flow: Document, activation: Activation, target: Target | None) -> None:
    reference = f"{flow.id}/{activation.audience}"
    space.never(EXPORT, reference)
    if space.documents(ACTIVATED).get(reference) is None:
        space.documents(ACTIVATED).add({}, reference)
    if _state(flow) != "enabled" or target is None:
        return
    if target.pushes:
        enter_pushes(space, flow, activation.audience)
        return
    if target.shares:
        enter_announcement(space, flow, activation.audience)
        return
    earliest = space.now + timedelta(minutes=space.assumptions.first_export_minutes)
    due = next_export(activation.schedule, earliest)
    if due is not None:
        space.at(EXPORT, reference, due)


def _check_policies(space: Space, flow: Document, target: Target, activations: Iterable[Activation]) -> None:
    labels: set[str] = labels_of_fields(space, [column.path for column in columns_of(space, flow)])
    for activation in activations:
        document = audiences(space).get(activation.audience)
        if document is None:
            raise Refusal(400, "A segment selector names an audience that is not there.")
        labels |= bare(document.body.get("labels") or [])
        if document.body["type"] == RULED:
            labels |= labels_of_fields(space, fields_of(rule_of(document.body["expression"])))
    found = violated(space, action_reference("core", target.marketing_action), labels)
    if found:
        raise Refusal(
            400,
            "Data usage policy violation",
            title="The labels of the audience or of mapped fields are denied for the destination's marketing action.",
            more={"violatedPolicies": found, "duleLabels": sorted(labels)},
        )


def _found(space: Space, reference: str) -> tuple[Document | None, Activation | None]:
    flow_id, _, audience = reference.partition("/")
    flow = space.documents(FLOWS).get(flow_id)
    return flow, _readable(flow).get(audience)


def _readable(flow: Document | None) -> dict[str, Activation]:
    return {} if flow is None else {each.audience: each for each in activations_of(flow)}


def _state(flow: Document | None) -> str:
    return "" if flow is None else str(flow.body.get("state", "enabled"))
