"""The file of the members of a destination that held nobody, where no two rows have found the same record: all join.

What is told of them is the same whoever asks: they are compared, received, kept as what the transfer has changed, and
kept as the snapshot. So they are written once, in a file that has all these names.
"""

from __future__ import annotations

from pathlib import Path

from audience_gateway.transfers.workspace import Workspace

PART = "all"
"""The part of `compared` that it is."""


def all_new_members(workspace: Workspace) -> Path | None:
    """That file; None if there is none, or not all members are in there.

    It has the columns of `columns.COMPARED`, `columns.DELTA` and `received.COLUMNS`, of `snapshots.COLUMNS` those that
    have to be there, and says about itself what all of these say.
    """
    path = workspace.part("compared", PART)
    return path if workspace.parts("compared") == [path] else None
