"""Stage reconcile, third part: decides which row stands for each record that was found, one share of them at a time.

Ids of any partition may have found the same record, so that records are shared out anew, by themselves. Where no record
has several entries in the index, no two ids find the same one, and there is nothing to decide.
"""

from __future__ import annotations

from audience_gateway.identity.joining import FOUND
from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.shares import Share
from audience_gateway.transfers.sharing_out import SharedOut
from audience_gateway.transfers.standing_rows import find_standing
from audience_gateway.transfers.task import Task
from audience_gateway.transfers.workspace import Workspace

_FOUND = {name: FOUND[name] for name in ("row", "target")}


async def claim(task: Task, share: Share) -> StepResult:
    """Decides one share; with the last one, which rows stand for no record at all. Answers how many these are."""
    return {"claimless": await in_background(_claim, task, share)}


def _claim(task: Task, share: Share) -> int:
    workspace = task.workspace
    with task.relations.session() as session:
        session.view("found", found(session, workspace, share))
        standing = find_standing(session, task)
        path = workspace.part("members", share.name)
        session.publish(
            f"""SELECT {standing.row} AS row, target, CAST(NULL AS UUID) AS target_key, count(*) AS claims
            FROM found GROUP BY target""",
            path,
        )
        session.view("member", files([path], columns.CLAIMED))
        if session.rows("SELECT 1 FROM member WHERE claims > 1 LIMIT 1"):
            session.publish(
                """SELECT found.row FROM found JOIN (FROM member WHERE claims > 1) AS contested USING (target)
                WHERE found.row <> contested.row""",
                workspace.part("lost", share.name),
            )
        return _decide(session, workspace) if share.last else 0


def found(session: Session, workspace: Workspace, share: Share) -> str:
    """A query of the records of a share that were found: row and target."""
    everything = files(workspace.parts("found"), _FOUND)
    split = SharedOut(query=everything, columns=_FOUND, by="target", directory=workspace.shared("found"))
    return split.of(session, share)


def _decide(session: Session, workspace: Workspace) -> int:
    """Decides the rows that have lost every record that they have found."""
    lost = workspace.parts("lost")
    if not lost:
        return 0
    session.view("lost", files(lost, {"row": "BIGINT"}))
    session.view("members", files(workspace.parts("members"), columns.MEMBERS))
    return session.publish(
        f"SELECT DISTINCT row, '{Reason.SAME_TARGET}' AS reason FROM lost ANTI JOIN members USING (row)",
        workspace.part("decided", "claimless"),
    )
