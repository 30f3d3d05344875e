"""Workflows, their events and their journal in Campaign's database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.workflows.workflow import State, Workflow


def moment_text(moment: datetime) -> str:
    """Write a time as tables hold it: `2026-01-02 03:04:05.678Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ', timespec='milliseconds')}Z"


@dataclass(frozen=True, slots=True)
class Event:
    """An event that waits for a workflow.

    Attributes:
        id: its number; events run in its order.
        workflow: whom it is for.
        activity: the activity that waits for it.
        variables: what it carries.
    """

    id: int
    workflow: Workflow
    activity: str
    variables: Mapping[str, str]


def find(database: Database, workflow: str) -> Workflow | None:
    """Find a workflow by its id or its internal name."""
    text = 'SELECT id, "internalName", state FROM workflow WHERE "internalName" = ? OR id = ?'
    row = database.execute(text, (workflow, int(workflow) if workflow.isdecimal() else 0)).fetchone()
    return None if row is None else Workflow(row[0], row[1], State(row[2]))


def names_in(database: Database, state: State) -> list[str]:
    """Name the workflows that are in a state."""
    rows = database.execute('SELECT "internalName" FROM workflow WHERE state = ? ORDER BY id', (int(state),))
    return [name for (name,) in rows]


def set_state(database: Database, workflow: Workflow, state: State) -> None:
    """Put a workflow into a state."""
    database.execute("UPDATE workflow SET state = ? WHERE id = ?", (int(state), workflow.id))


def note(database: Database, workflow: Workflow, now: datetime, message: str, *, error: bool = False) -> None:
    """Write a line of the journal; no id of anybody belongs in it."""
    text = "INSERT INTO workflow_log (workflow_id, log_date, log_type, message) VALUES (?, ?, ?, ?)"
    database.execute(text, (workflow.id, moment_text(now), 2 if error else 0, message))


def journal(database: Database, workflow: str) -> list[str]:
    """Read the messages of a workflow, the oldest first."""
    text = (
        "SELECT message FROM workflow_log JOIN workflow ON workflow.id = workflow_log.workflow_id"
        ' WHERE workflow."internalName" = ? ORDER BY workflow_log.id'
    )
    return [message for (message,) in database.execute(text, (workflow,))]


def add_event(
    database: Database, workflow: Workflow, activity: str, variables: Mapping[str, str], now: datetime
) -> None:
    """Queue an event."""
    text = "INSERT INTO workflow_event (workflow_id, activity, variables, posted) VALUES (?, ?, ?, ?)"
    database.execute(text, (workflow.id, activity, json.dumps(dict(variables)), moment_text(now)))


def next_event(database: Database) -> Event | None:
    """Find the oldest event of a workflow that runs."""
    running = [int(state) for state in State if state.runs]
    text = (
        'SELECT event.id, workflow.id, workflow."internalName", workflow.state, event.activity, event.variables'
        " FROM workflow_event AS event JOIN workflow ON workflow.id = event.workflow_id"
        " WHERE workflow.state IN (?, ?, ?) ORDER BY event.id LIMIT 1"
    )
    row = database.execute(text, running).fetchone()
    if row is None:
        return None
    return Event(row[0], Workflow(row[1], row[2], State(row[3])), row[4], json.loads(row[5]))


def forget(database: Database, event: Event) -> None:
    """Take an event out of the queue."""
    database.execute("DELETE FROM workflow_event WHERE id = ?", (event.id,))
