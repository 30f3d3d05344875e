"""Runs the technical workflows when they are due, and others when signals reach them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.people import Bucket, Buckets
from audience_gateway_sandbox.workflows import tables
from audience_gateway_sandbox.workflows.batches import Completeness
from audience_gateway_sandbox.workflows.file_import import FileImport
from audience_gateway_sandbox.workflows.shared_export import SharedExport
from audience_gateway_sandbox.workflows.shared_import import SharedImport
from audience_gateway_sandbox.workflows.tables import Event
from audience_gateway_sandbox.workflows.workflow import (
    EXPORT_WORKFLOW,
    FILE_WORKFLOW,
    IMPORT_WORKFLOW,
    SIGNAL,
    UPDATE_WORKFLOW,
)

Run = Callable[[datetime, Callable[[str], None]], None]
LOOKS_AFTER_A_CHANGE = 2
"""A batch without a control file is taken at the second look; where nothing changes, more looks find nothing more."""


@dataclass(slots=True)
class Poll:
    """A workflow that runs at the same distances of time.

    Attributes:
        name: its internal name.
        period: the distance.
        due: when it runs next.
        run: what it does.
    """

    name: str
    period: timedelta
    due: datetime
    run: Run = field(repr=False)

    def skip_to(self, moment: datetime) -> None:
        """Leave out runs, but not the last one before the moment."""
        self.due += max((moment - self.due) // self.period, 0) * self.period


class Engine:
    """The workflow engine of an instance.

    Args:
        database: Campaign's tables, by a connection of its own, since it runs beside the calls.
        buckets: where files come from and go to.
        files: where the recurring import finds its files.
        began: when the instance began; the first polls are one period later.
        now: the time; polls that would have been before it are left out.
        assumptions: periods and rules.
    """

    def __init__(  # noqa: PLR0917 - made in one place
        self,
        database: Database,
        buckets: Buckets,
        files: Bucket,
        began: datetime,
        now: datetime,
        assumptions: Assumptions,
    ) -> None:
        self._database = database
        self._shared_import = SharedImport(
            database,
            buckets.imported,
            Completeness(buckets.imported),
            assumptions.latest_log_wins,
            assumptions.unmentioned_lists_are_emptied,
        )
        self._export = SharedExport(database, buckets.exported)
        self._file_import = FileImport(database, files)
        imports, exports = assumptions.poll_period, assumptions.export_period
        self._polls = [
            Poll(IMPORT_WORKFLOW, imports, began + imports, lambda _, note: self._shared_import.run(note)),
            Poll(EXPORT_WORKFLOW, exports, began + exports, self._export.run),
        ]
        for poll in self._polls:
            poll.skip_to(now)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    @property
    def next_due(self) -> datetime:
        """When a workflow runs next by itself."""
        return min(poll.due for poll in self._polls)

    def run_due(self, now: datetime) -> None:
        """Run what is due once, and the events that wait."""
        self.run_events(now)
        for poll in self._polls:
            if poll.due <= now:
                poll.due += poll.period
                self._run(poll.name, now, poll.run)

    def skip_to(self, moment: datetime) -> None:
        """Leave out the polls up to a moment, but for the last ones before it: nothing changes until then."""
        for poll in self._polls:
            poll.skip_to(moment)

    def run_events(self, now: datetime) -> None:
        """Run the events of started workflows in their order."""
        while event := tables.next_event(self._database):
            with self._database:
                tables.forget(self._database, event)
            self._take(event, now)

    def _take(self, event: Event, now: datetime) -> None:
        note = self._noter(event.workflow.name, now)
        if event.activity != SIGNAL:
            note(f"There is no activity '{event.activity[:80]}' that waits for an event.")
        elif event.workflow.name == FILE_WORKFLOW:
            _journalled(note, lambda: self._file_import.run(event.variables, now, note))
        elif event.workflow.name == UPDATE_WORKFLOW:
            _journalled(note, lambda: self._export.update_audience(event.variables, note))
        else:
            note("This workflow takes no event.")

    def _run(self, name: str, now: datetime, run: Run) -> None:
        workflow = tables.find(self._database, name)
        if workflow is not None and workflow.state.runs:
            note = self._noter(name, now)
            _journalled(note, lambda: run(now, note))

    def _noter(self, name: str, now: datetime) -> Callable[[str], None]:
        def note(message: str) -> None:
            workflow = tables.find(self._database, name)
            if workflow is not None and tables.journal(self._database, name)[-1:] != [message]:
                with self._database:
                    tables.note(self._database, workflow, now, message)

        return note


def _journalled(note: Callable[[str], None], run: Callable[[], None]) -> None:
    """Run a workflow; one that fails, because its bucket is away say, tells so in the journal and is run again."""
    try:
        run()
    except Exception as error:  # noqa: BLE001 - whatever it was, its text may hold ids, so only its kind is told
        note(f"The workflow failed: {type(error).__name__}.")
