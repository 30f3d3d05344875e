"""Methods of `xtk:workflow`: start, stop and pause workflows, and post events to them (campaign 3.9)."""

from __future__ import annotations

from collections.abc import Mapping

from audience_gateway_sandbox.campaign.access import Caller
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.elements import child, local_name
from audience_gateway_sandbox.campaign.envelope import Call
from audience_gateway_sandbox.campaign.faults import MethodError

_ROOT = "variables"


def post_event(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    """Queue an event for an activity; what becomes of it is only in the journal."""
    campaign.workflows.post_event(call.text(0), call.text(1), _variables(call, 3))
    return ()


def start(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    """Start a workflow, with variables if they are given."""
    campaign.workflows.start(call.text(0), _variables(call, 1))
    return ()


def stop(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    """Stop a workflow."""
    campaign.workflows.stop(call.text(0))
    return ()


def pause(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
    """Pause a workflow."""
    campaign.workflows.pause(call.text(0))
    return ()


def _variables(call: Call, position: int) -> Mapping[str, str]:
    """Read the parameters document, whose root must be `variables`; none at all is fine."""
    if position >= len(call.parameters):
        return {}
    parameter = call.parameters[position]
    document = parameter if local_name(parameter) == _ROOT else child(parameter)
    if document is None:
        return {}
    if local_name(document) != _ROOT:
        raise MethodError(f"XTK-170013 The parameters of '{call.method}' are no document of the root '{_ROOT}'.")
    return {str(name): str(value) for name, value in document.attrib.items()}
