"""Members that leave because a row names them: comparing them with the snapshot, and what becomes of their rows."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import columns
from audience_gateway.transfers.chunk_files import leaving_rows
from audience_gateway.transfers.delivered import Span
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.shares import Share
from audience_gateway.transfers.task import Task


@dataclass(frozen=True, slots=True)
class Positions:
    """How many joiners and leavers there are before those of a share."""

    joiners: int
    leavers: int


def compare_departures(session: Session, task: Task, plan: Plan, share: Share, before: Positions) -> StepResult:
    """Compares `member` with `snapshot`. Answers the fields of Changes.

    Who is named and held leaves; whom no row names stays.
    """
    workspace, key = task.workspace, plan.member_key
    session.view("named", _named(task))
    session.view("leaving", "FROM member SEMI JOIN named USING (row)")
    session.view("joining", "FROM member ANTI JOIN named USING (row)")
    known = f"(FROM snapshot WHERE certain) AS known USING ({plan.delivered_key})"
    digest = "attributes" if plan.attributes else "CAST(NULL AS UUID) AS attributes"
    compared = workspace.part("compared", share.name)
    members = session.publish(
        f"""SELECT row_number() OVER () + {before.joiners - 1} AS position, row, target, target_key, {digest}
        FROM joining ANTI JOIN {known}
        UNION ALL SELECT NULL, row, target, target_key, {digest} FROM joining SEMI JOIN {known}""",
        compared,
    )
    leavers = session.publish(
        f"""SELECT row_number() OVER () + {before.leavers - 1} AS position, target, target_key, attributes, certain
        FROM snapshot SEMI JOIN leaving USING ({key})""",
        workspace.part("leavers", share.name),
    )
    session.view("leaver", files([workspace.part("leavers", share.name)], columns.LEAVERS))
    session.publish(
        f"""SELECT leaving.row, leaver.position, coalesce(leaver.target, leaving.target) AS target
        FROM leaving LEFT JOIN leaver USING ({key})""",
        workspace.part("departing", share.name),
    )
    kept = session.publish(
        f"SELECT target, target_key, attributes, certain FROM snapshot ANTI JOIN member USING ({key})",
        workspace.part("staying", share.name),
    )
    session.view("compared", files([compared], columns.COMPARED))
    [(joiners,)] = session.rows("SELECT count(position) FROM compared")
    return {"joiners": int(joiners), "leavers": leavers, "members": members, "kept": kept}


def _named(task: Task) -> str:
    if task.request.mode is TransferMode.UNDO:
        return f"SELECT row FROM ({files([task.workspace.file('undone.parquet')], columns.UNDONE)}) WHERE added"
    return leaving_rows(task.workspace) if task.request.mode is TransferMode.DELTA else "SELECT row FROM member"


def departing_fate(removed: Span, not_sent: Reason) -> str:
    """A query of row, detail and reason over `departing` and `refused_leaver`."""
    return f"""
        SELECT departing.row, refused_leaver.detail, CASE
            WHEN refused_leaver.target IS NOT NULL THEN '{Reason.REFUSED_BY_DESTINATION}'
            WHEN departing.position IS NULL THEN '{Reason.NOT_MEMBER}'
            WHEN {removed.doubtful("departing.position")} THEN '{Reason.IN_DOUBT}'
            WHEN departing.position < {removed.through} THEN '{Reason.REMOVED}'
            ELSE '{not_sent}' END AS reason
        FROM departing LEFT JOIN refused_leaver USING (target)"""
