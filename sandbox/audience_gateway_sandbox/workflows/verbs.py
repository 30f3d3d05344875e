"""What callers can do with workflows: the methods of `xtk:workflow` without their SOAP (campaign 3.9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.workflows import tables
from audience_gateway_sandbox.workflows.workflow import SIGNAL, State, Workflow


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        ...


class WorkflowError(Exception):
    """There is no such workflow; the text begins with a code."""


def _nobody() -> None:
    """Wake nobody."""


@dataclass(frozen=True, slots=True)
class Workflows:
    """The workflows of an instance. A workflow is named by its id or its internal name; each verb is one transaction.

    Attributes:
        database: Campaign's tables.
        clock: its time.
        woken: is called when there is something to run.
    """

    database: Database
    clock: Clock
    woken: Callable[[], None] = _nobody

    def state(self, workflow: str) -> State:
        """Tell the state of a workflow. Raises WorkflowError for an unknown one."""
        return self._find(workflow).state

    def start(self, workflow: str, variables: Mapping[str, str] | None = None) -> None:
        """Start a workflow, or let a paused one go on; variables are taken as an event. Raises WorkflowError."""
        found = self._become(workflow, State.STARTED)
        if variables:
            self._queue(found, SIGNAL, variables)
        self.woken()

    def stop(self, workflow: str) -> None:
        """Stop a workflow; events that wait for it are lost. Raises WorkflowError."""
        found = self._become(workflow, State.STOPPED)
        with self.database:
            self.database.execute("DELETE FROM workflow_event WHERE workflow_id = ?", (found.id,))

    def pause(self, workflow: str) -> None:
        """Pause a workflow; events wait until it is started. Raises WorkflowError."""
        self._become(workflow, State.PAUSED)

    def post_event(self, workflow: str, activity: str, variables: Mapping[str, str]) -> None:
        """Queue an event for an activity. Raises WorkflowError for an unknown workflow.

        As in Campaign, what else is wrong with it, a workflow that is not started above all, is only in the journal.
        """
        found = self._find(workflow)
        if found.state.runs or found.state is State.PAUSED:
            self._queue(found, activity, variables)
            self.woken()
            return
        with self.database:
            message = "The event cannot be processed: the workflow is not started."
            tables.note(self.database, found, self.clock.now(), message, error=True)

    def paused(self) -> list[str]:
        """Name the paused workflows."""
        return tables.names_in(self.database, State.PAUSED)

    def check_names(self, workflows: Collection[str]) -> None:
        """Raise ValueError if there is no workflow of one of these names."""
        for name in workflows:
            if tables.find(self.database, str(name)) is None:
                raise ValueError(f"There is no workflow {str(name)!r}.")

    def pause_only(self, workflows: Collection[str]) -> None:
        """Pause these workflows, and let other paused ones go on."""
        for name in set(self.paused()).difference(workflows):
            self.start(name)
        for name in workflows:
            self.pause(name)

    def journal(self, workflow: str) -> list[str]:
        """Read the messages of a workflow, the oldest first."""
        return tables.journal(self.database, workflow)

    def _become(self, workflow: str, state: State) -> Workflow:
        found = self._find(workflow)
        with self.database:
            tables.set_state(self.database, found, state)
        return found

    def _queue(self, workflow: Workflow, activity: str, variables: Mapping[str, str]) -> None:
        with self.database:
            tables.add_event(self.database, workflow, activity, variables, self.clock.now())

    def _find(self, workflow: str) -> Workflow:
        found = tables.find(self.database, workflow)
        if found is None:
            raise WorkflowError(f"XTK-170010 There is no workflow '{workflow[:80]}'.")
        return found
