"""Campaign's technical workflows of audience sharing, and the workflows that signals start (campaign 1.4, 1.5, 2.1)."""

from audience_gateway_sandbox.workflows.engine import LOOKS_AFTER_A_CHANGE, Engine
from audience_gateway_sandbox.workflows.verbs import WorkflowError, Workflows
from audience_gateway_sandbox.workflows.workflow import (
    EXPORT_WORKFLOW,
    FILE_WORKFLOW,
    IMPORT_WORKFLOW,
    SIGNAL,
    UPDATE_WORKFLOW,
    State,
    seeded_workflows,
)

__all__ = [
    "EXPORT_WORKFLOW",
    "FILE_WORKFLOW",
    "IMPORT_WORKFLOW",
    "LOOKS_AFTER_A_CHANGE",
    "SIGNAL",
    "UPDATE_WORKFLOW",
    "Engine",
    "State",
    "WorkflowError",
    "Workflows",
    "seeded_workflows",
]
