"""What workflows there are, and what states they can be in (campaign 3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

IMPORT_WORKFLOW = "importSharedAudience"
EXPORT_WORKFLOW = "exportSharedAudience"
FILE_WORKFLOW = "wkfAudienceImport"
UPDATE_WORKFLOW = "wkfAudienceExport"
TECHNICAL = frozenset({IMPORT_WORKFLOW, EXPORT_WORKFLOW})
"""Those that run by themselves."""

SIGNAL = "signal"
"""The activity of the other two that waits for an event."""


class State(IntEnum):
    """States of a workflow, with the numbers that Campaign has for them."""

    EDITED = 0
    RUNNING = 2
    STARTING = 3
    STARTED = 11
    PAUSED = 13
    STOPPED = 20

    @property
    def runs(self) -> bool:
        """Whether it does what it is due to do."""
        return self in {State.RUNNING, State.STARTING, State.STARTED}


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow as it stands in the table.

    Attributes:
        id: its number.
        name: its internal name.
        state: what it is doing.
    """

    id: int
    name: str
    state: State


def seeded_workflows() -> list[tuple[int, str, str, int]]:
    """List the workflows of a new instance: id, internal name, label and state."""
    labels = {
        IMPORT_WORKFLOW: "Import audiences from the Adobe Marketing Cloud",
        EXPORT_WORKFLOW: "Export audiences to the Adobe Marketing Cloud",
        FILE_WORKFLOW: "Import of a file into a list",
        UPDATE_WORKFLOW: "Update of a shared audience from a list",
    }
    return [(number, name, labels[name], int(State.STARTED)) for number, name in enumerate(labels, start=1)]
