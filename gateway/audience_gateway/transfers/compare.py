"""Stage compare: finds joiners and leavers by comparing with the snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audience_gateway.jobs.engine import StepResult
from audience_gateway.storage.relations import Session
from audience_gateway.transfers import snapshots
from audience_gateway.transfers.attribute_columns import view_members
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.departures import Positions, compare_departures
from audience_gateway.transfers.model import Stage, TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.shares import Share
from audience_gateway.transfers.sharing_out import SharedOut
from audience_gateway.transfers.task import Task


@dataclass(frozen=True, slots=True)
class Changes:
    """What the comparison found.

    Attributes:
        joiners: members of the source that the destination is to get.
        leavers: members of the destination that it is to lose.
        members: members of the source, those apart that it says are to leave.
        kept: members of the destination that stay though the source does not have them.
    """

    joiners: int
    leavers: int
    members: int
    kept: int

    def __add__(self, more: Changes) -> Changes:
        return Changes(
            joiners=self.joiners + more.joiners,
            leavers=self.leavers + more.leavers,
            members=self.members + more.members,
            kept=self.kept + more.kept,
        )


async def compare(
    task: Task, plan: Plan, share: Share, members: Callable[[Session], str], before: Changes, *, rows_read: int
) -> StepResult:
    """Compares one share, behind what the ones before it had. Answers the fields of Changes.

    `members` makes a query of its members: row, target and target_key.
    """
    counts = await in_background(_compare, task, plan, share, members, before)
    await in_background(task.progress, Stage.COMPARE, rows_read * (share.number + 1) // share.shares, rows_read)
    return counts


def _compare(task: Task, plan: Plan, share: Share, members_of: Callable[[Session], str], before: Changes) -> StepResult:
    workspace = task.workspace
    with task.relations.session() as session:
        view_members(session, workspace, members_of(session), plan.attributes)
        snapshot = snapshots.members(task.snapshots.named(plan.snapshot_file))
        split = SharedOut(
            query=snapshot,
            columns=snapshots.COLUMNS,
            by=plan.member_key,
            directory=workspace.shared(f"snapshot-{plan.snapshot_version:08d}"),
        )
        if task.request.mode.names_leavers:
            session.table("snapshot", split.of(session, share))
            return compare_departures(session, task, plan, share, Positions(before.joiners, before.leavers))
        session.view("snapshot", split.of(session, share))
        _meet(session, plan)
        digest = ", attributes" if plan.attributes else ""
        # Tables have row ids: numbering by a window would have one thread do it all.
        session.table("joiner", f"SELECT row, target, target_key{digest} FROM met WHERE row IS NOT NULL AND NOT held")
        [(joiners,)] = session.rows("SELECT count(*) FROM joiner")
        members = session.publish(
            f"""SELECT rowid + {before.joiners} AS position, * FROM joiner
            UNION ALL SELECT NULL, row, target, target_key{digest} FROM met WHERE held""",
            workspace.part("compared", share.name),
        )
        # Whether those leave that the source does not have is a question of the mode.
        session.table("absent", f"SELECT target, target_key{digest}, certain FROM met WHERE row IS NULL")
        absent = session.publish(
            f"SELECT rowid + {before.leavers + before.kept} AS position, * FROM absent",
            workspace.part("leavers", share.name),
        )
    leavers = absent if task.request.mode is TransferMode.REPLACE else 0
    return {"joiners": int(joiners), "leavers": leavers, "members": members, "kept": absent - leavers}


def _meet(session: Session, plan: Plan) -> None:
    """Names `met`: each of `member`, with whether it is held as it is; the others of `snapshot`, without a row."""
    if not plan.snapshot_members:
        session.view("met", "SELECT *, CAST(NULL AS BOOLEAN) AS certain, false AS held FROM member")
        return
    digest, same = "", "old.certain"
    if plan.attributes:
        digest = ", CASE WHEN member.row IS NULL THEN old.attributes ELSE member.attributes END AS attributes"
        same = "old.certain AND member.attributes = old.attributes"
    session.table(
        "met",
        f"""SELECT member.row, coalesce(member.target, old.target) AS target,
            coalesce(member.target_key, old.target_key) AS target_key{digest}, old.certain,
            coalesce(member.row IS NOT NULL AND {same}, false) AS held
        FROM member FULL JOIN snapshot AS old ON member.{plan.member_key} = old.{plan.member_key}""",
    )
