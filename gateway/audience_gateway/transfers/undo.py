"""Taking a transfer back: whether that can be done, and the members that it changed as rows of a new one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from audience_gateway.sdk import MemberBatch, MemberPage, Permanent
from audience_gateway.storage.relations import Relations, files
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.deltas import Delta, delta_footer
from audience_gateway.transfers.snapshots import Snapshots
from audience_gateway.transfers.workspace import Workspace


class NotUndoable(Permanent):
    """A transfer cannot be taken back."""


def check_undoable(workspaces: Path, snapshots: Snapshots, transfer: str, taken: Delta | None = None) -> None:
    """Raises NotUndoable unless a transfer was the last that has changed its destination, and its delta is kept.

    An undo of it does not count, so that undoing again goes on where that one did not get to its end.
    """
    delta = taken or _delta(workspaces, transfer)
    if delta is None or not delta.members:
        raise _not_undoable(transfer, "it changed nothing, or what it changed is no longer kept")
    if delta.attributes:
        raise _not_undoable(
            transfer,
            "it delivered attributes, and what they were before is not kept",
            "Correct the source, and share it again.",
        )
    last = snapshots.current(delta.snapshot_key).transfer
    since = _delta(workspaces, last)
    if last != transfer and (since is None or since.undoes != transfer):
        raise _not_undoable(
            transfer,
            f"transfers/{last} has changed the destination since",
            "Undo that one first, or correct the source and share it again.",
        )


def take_over(workspaces: Path, transfer: str, own: Workspace, relations: Relations) -> Delta | None:
    """A numbered copy of what a transfer has changed, whose own may go with its rows. None if nothing is kept."""
    taken, changed = own.file("undone.parquet"), Workspace(workspaces / transfer).file("delta.parquet")
    if not taken.exists() and (delta := Delta.of(changed)):
        footer = delta_footer(delta.snapshot_key, delta.undoes, attributes=delta.attributes)
        with relations.session() as session:
            numbered = f"SELECT row_number() OVER () AS row, * FROM ({files([changed], columns.DELTA)})"
            session.publish(numbered, taken, footer)
    return Delta.of(taken)


async def undone_pages(
    own: Workspace, relations: Relations, page_rows: int, after: str | None
) -> AsyncIterator[MemberPage]:
    """The members as rows, in their order; the resume token is the number of a row."""
    row = int(after or 0)
    while True:
        page = await in_background(_page, own, relations, page_rows, row)
        if page is None:
            return
        row = int(page.resume_token)
        yield page


def _page(own: Workspace, relations: Relations, page_rows: int, after: int) -> MemberPage | None:
    with relations.session() as session:
        session.view("undone", files([own.file("undone.parquet")], columns.UNDONE))
        found = session.read(
            f"SELECT row, target, opted_out FROM undone WHERE row > {after} ORDER BY row LIMIT {page_rows}"
        ).combine_chunks()
    if not found.num_rows:
        return None
    [batch] = found.to_batches()
    members = MemberBatch.of(batch.column("target"), opted_out=batch.column("opted_out"))
    return MemberPage(members, str(batch.column("row")[-1].as_py()), encoded=True)


def _delta(workspaces: Path, transfer: str) -> Delta | None:
    return Delta.of(Workspace(workspaces / transfer).file("delta.parquet"))


def _not_undoable(transfer: str, finding: str, remedy: str = "") -> NotUndoable:
    return NotUndoable(finding, place=f"transfers/{transfer}", remedy=remedy)
