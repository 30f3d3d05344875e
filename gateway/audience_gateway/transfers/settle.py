"""Stage settle: accounts for every row, checks that none is missing, and keeps the new snapshot."""

from __future__ import annotations

import asyncio

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Permanent, Reason
from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers import compare, deliver, reconcile
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.task import Task

OUTCOMES = {"row": "BIGINT", "outcome": "VARCHAR", "reason": "VARCHAR", "detail": "VARCHAR"}
"""Columns of outcomes.parquet with their DuckDB types."""

# A row that stands for several records ends in the first of these that any of its records ended in.
_PRECEDENCE = (
    Reason.REFUSED_BY_DESTINATION,
    Reason.TOO_MANY_REMOVALS,
    Reason.EMPTY_SOURCE,
    Reason.ADDED,
    Reason.ALREADY_MEMBER,
)


async def settle(task: Task, plan: Plan, rows_read: int, claiming: int, withheld: Reason | None) -> StepResult:
    """Settles. Answers rows by outcome and reason, and the members of the snapshot.

    `claiming` is the number of rows that claim a member.

    Raises Permanent if a row has no outcome or two, or if another transfer moved the snapshot.
    """
    counts = await asyncio.to_thread(_settle, task, plan, rows_read, claiming, withheld)
    task.progress(Stage.SETTLE, rows_read, rows_read)
    return counts


def _settle(task: Task, plan: Plan, rows_read: int, claiming: int, withheld: Reason | None) -> StepResult:
    workspace = task.workspace
    with task.relations.session() as session:
        session.view("decided", files([workspace.file("decided.parquet")], reconcile.DECIDED))
        session.view("member", files([workspace.file("compared.parquet")], compare.COMPARED))
        session.view("leaver", files([workspace.file("leavers.parquet")], compare.LEAVERS))
        session.table("refused_joiner", _refused(task, "add"))
        session.table("refused_leaver", _refused(task, "remove"))
        reasons = _write_outcomes(session, task, claiming, withheld)
        _check_conservation(session, task, rows_read)
        members = plan.snapshot_members if withheld else _move_snapshot(session, task, plan)
    return {"reasons": reasons, "snapshot_members": members}


def _refused(task: Task, change: str) -> str:
    paths = sorted((task.workspace.root / "refused").glob(f"{change}-*.parquet"))
    return f"SELECT target, trim(code || ' ' || detail) AS detail FROM ({files(paths, deliver.REFUSED)})"


def _write_outcomes(session: Session, task: Task, claiming: int, withheld: Reason | None) -> StepResult:
    session.table(
        "outcome_of",
        "SELECT * FROM (VALUES " + ", ".join(f"('{r}', '{r.outcome}')" for r in Reason) + ") AS t(reason, outcome)",
    )
    ranks = " ".join(f"WHEN '{reason}' THEN {rank}" for rank, reason in enumerate(_PRECEDENCE))
    session.view(
        "fate",
        f"""SELECT member.row, refused_joiner.detail, CASE
                WHEN refused_joiner.target IS NOT NULL THEN '{Reason.REFUSED_BY_DESTINATION}'
                WHEN member.position IS NULL THEN '{Reason.ALREADY_MEMBER}'
                ELSE '{withheld or Reason.ADDED}' END AS reason
            FROM member LEFT JOIN refused_joiner USING (target)""",
    )
    # Most transfers have no row that stands for several records, and are spared the grouping.
    single = "SELECT row, reason, coalesce(detail, '') AS detail FROM fate"
    several = f"""
        SELECT row, arg_min(reason, CASE reason {ranks} END) AS reason, coalesce(min(detail), '') AS detail
        FROM fate GROUP BY row"""
    of_rows = single if claiming == session.rows("SELECT count(*) FROM member")[0][0] else several
    session.view(
        "account",
        f"""SELECT row, reason, '' AS detail FROM decided
            UNION ALL
            {of_rows}""",
    )
    path = task.workspace.file("outcomes.parquet")
    session.write("SELECT row, outcome, reason, detail FROM account JOIN outcome_of USING (reason) ORDER BY row", path)
    session.view("outcomes", files([path], OUTCOMES))
    return dict(session.rows("SELECT reason, count(*) FROM outcomes GROUP BY reason ORDER BY reason"))


def _check_conservation(session: Session, task: Task, rows_read: int) -> None:
    [(rows, distinct, first, last)] = session.rows(
        "SELECT count(*), count(DISTINCT row), coalesce(min(row), 1), coalesce(max(row), 0) FROM outcomes"
    )
    if (rows, distinct, first, last) != (rows_read, rows_read, 1, rows_read):
        raise Permanent(
            f"of {rows_read} rows read, {distinct} have an outcome, {rows - distinct} of them more than one",
            place=f"transfers/{task.id}",
            remedy="This is a defect of the gateway, and nothing is claimed as delivered: report it.",
        )


def _move_snapshot(session: Session, task: Task, plan: Plan) -> int:
    new = task.snapshots.path(plan.snapshot_key, plan.snapshot_version + 1)
    changed = session.rows("SELECT (SELECT count(position) FROM member) + (SELECT count(*) FROM leaver)")[0][0]
    if not changed:
        return plan.snapshot_members
    kept = "SELECT target, target_key FROM leaver" + (
        " SEMI JOIN refused_leaver USING (target)" if plan.removes else ""
    )
    members = session.write(
        f"SELECT target, target_key FROM member ANTI JOIN refused_joiner USING (target) UNION ALL {kept}", new
    )
    if not task.snapshots.advance(plan.snapshot_key, seen=plan.snapshot_version, members=members, transfer=task.id):
        raise Permanent(
            "another transfer has changed the destination meanwhile",
            place=str(task.request.destination),
            remedy="Share again: what was delivered is delivered, and the next transfer compares anew.",
        )
    return members
