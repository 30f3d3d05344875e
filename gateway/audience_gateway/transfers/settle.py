"""Stage settle: accounts for every row, checks that none is missing, and keeps the new snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import Outcome, Permanent, Reason
from audience_gateway.sdk.outcomes import DETAIL_MARK
from audience_gateway.storage.relations import Session, files, literal
from audience_gateway.transfers import columns, snapshots
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.created_account import with_created
from audience_gateway.transfers.delivered import Delivered
from audience_gateway.transfers.departures import departing_fate
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.plan import Plan
from audience_gateway.transfers.snapshot_writing import has_digests, move_snapshot
from audience_gateway.transfers.task import Task

_MOST_BITS = 1_000_000_000
OUTCOMES, HELD = "outcomes.parquet", "held.parquet"
# A row that stands for several records ends in the first of these that any of its records ended in.
_PRECEDENCE = (
    Reason.REFUSED_BY_DESTINATION,
    Reason.ERASED_ID,
    Reason.SUPPRESSED_ID,
    Reason.PURPOSE_REFUSED,
    Reason.IN_DOUBT,
    Reason.TOO_MANY_REMOVALS,
    Reason.EMPTY_SOURCE,
    Reason.INDEX_SHRUNK,
    Reason.STALE_SOURCE,
    Reason.MATCH_RATE_FELL,
    Reason.CANCELLED,
    Reason.NOT_SENT,
    Reason.ADDED,
    Reason.REMOVED,
    Reason.ALREADY_MEMBER,
    Reason.NOT_MEMBER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What settling goes by.

    Attributes:
        rows_read: rows of the source.
        claiming: how many of them claim a member.
        delivered: how far delivering got.
        not_sent: what members end with that were not sent.
    """

    rows_read: int
    claiming: int
    delivered: Delivered
    not_sent: Reason


async def settle(task: Task, plan: Plan, delivery: Delivery) -> StepResult:
    """Settles. Answers rows by outcome and reason, and the members of the snapshot.

    Raises Permanent if a row has no outcome or two, or if another transfer moved the snapshot.
    """
    counts = await in_background(_settle, task, plan, delivery)
    await in_background(task.progress, Stage.SETTLE, delivery.rows_read, delivery.rows_read)
    return counts


async def preview(task: Task, plan: Plan, delivery: Delivery, file: str) -> StepResult:
    """Accounts for every row as `settle` would, in a file of that name, and changes nothing. Answers rows by reason.

    Raises Permanent if a row has no outcome or two.
    """
    return await in_background(_preview, task, plan, delivery, file)


def _preview(task: Task, plan: Plan, delivery: Delivery, file: str) -> StepResult:
    with task.relations.session() as session:
        _name_members(session, task, plan)
        reasons = _write_outcomes(session, task, delivery, file)
        check_conservation(session, task, delivery.rows_read)
    return {"reasons": reasons}


def _settle(task: Task, plan: Plan, delivery: Delivery) -> StepResult:
    with task.relations.session() as session:
        _name_members(session, task, plan)
        reasons = _write_outcomes(session, task, delivery, OUTCOMES)
        check_conservation(session, task, delivery.rows_read)
        members = move_snapshot(session, task, plan, delivery.delivered)
    return {"reasons": reasons, "snapshot_members": members}


def _name_members(session: Session, task: Task, plan: Plan) -> None:
    workspace = task.workspace
    session.view("decided", files(workspace.parts("decided"), columns.DECIDED))
    for name, file, layout in (("member", "compared", columns.COMPARED), ("leaver", "leavers", columns.LEAVERS)):
        digested = columns.digested(layout, attributes=has_digests(task, plan))
        session.view(name, files(workspace.parts(file), digested))
    session.view("departing", files(workspace.parts("departing"), columns.DEPARTING))
    session.view("staying", files(workspace.parts("staying"), snapshots.COLUMNS))
    session.table("refused_joiner", _refused(task, "add"))
    session.table("refused_leaver", _refused(task, "remove"))
    session.table("withdrawn", files(sorted((workspace.root / "withdrawn").glob("*.parquet")), columns.WITHDRAWN))
    session.view("joiner", f"FROM member {_but(session, 'refused_joiner')} {_but(session, 'withdrawn')}")
    session.view("sent_anyway", "FROM member SEMI JOIN (FROM withdrawn WHERE arrived) AS sent USING (target)")


def _but(session: Session, name: str) -> str:
    """Part of a query that leaves out whose target is in another relation, which usually is empty."""
    return f"ANTI JOIN {name} USING (target)" if session.rows(f"FROM {name} LIMIT 1") else ""


def _refused(task: Task, change: str) -> str:
    paths = sorted((task.workspace.root / "refused").glob(f"{change}-*.parquet"))
    return f"SELECT target, trim(code || ' ' || detail) AS detail FROM ({files(paths, columns.REFUSED)})"


def _write_outcomes(session: Session, task: Task, delivery: Delivery, file: str) -> StepResult:
    ranks = " ".join(f"WHEN '{reason}' THEN {rank}" for rank, reason in enumerate(_PRECEDENCE))
    joining = _joining_fate(session, delivery)
    session.view("fate", f"{joining} UNION ALL {departing_fate(delivery.delivered.removed, delivery.not_sent)}")
    # Most transfers have no row that stands for several records, and are spared the grouping.
    single = "SELECT row, reason, coalesce(detail, '') AS detail FROM fate"
    several = f"""
        SELECT row, arg_min(reason, CASE reason {ranks} END) AS reason, coalesce(min(detail), '') AS detail
        FROM fate GROUP BY row"""
    [(members,)] = session.rows("SELECT (SELECT count(*) FROM member) + (SELECT count(*) FROM departing)")
    of_rows = single if delivery.claiming == members else several
    account = f"SELECT row, reason, '' AS detail FROM decided UNION ALL {of_rows}"
    return write_account(session, task, with_created(session, task, account, delivery.not_sent), file)


def _joining_fate(session: Session, delivery: Delivery) -> str:
    """A query of row, detail and reason over `member`, `refused_joiner` and `withdrawn`."""
    added = delivery.delivered.added
    sent = f"""
        WHEN member.position IS NULL THEN '{Reason.ALREADY_MEMBER}'
        WHEN {added.doubtful("member.position")} THEN '{Reason.IN_DOUBT}'
        WHEN member.position < {added.through} THEN '{Reason.ADDED}'
        ELSE '{delivery.not_sent}' END AS reason"""
    if not session.rows("SELECT 1 FROM (FROM refused_joiner LIMIT 1) UNION ALL SELECT 1 FROM (FROM withdrawn LIMIT 1)"):
        return f"SELECT row, CAST(NULL AS VARCHAR) AS detail, CASE {sent} FROM member"
    return f"""
        SELECT member.row, coalesce(refused_joiner.detail, withdrawn.detail) AS detail, CASE
            WHEN withdrawn.target IS NOT NULL THEN withdrawn.reason
            WHEN refused_joiner.target IS NOT NULL THEN '{Reason.REFUSED_BY_DESTINATION}'
            {sent}
        FROM member LEFT JOIN refused_joiner USING (target) LEFT JOIN withdrawn USING (target)"""


def write_account(session: Session, task: Task, account: str, file: str = OUTCOMES) -> StepResult:
    """Writes a file of outcomes from a query of row, reason, detail; names it `outcomes`; answers rows by reason.

    A reason may bear its own detail behind `DETAIL_MARK`.
    """
    # As enums, which come as texts out of a file, they take a third of the time to write.
    outcomes, reasons = (f"ENUM ({', '.join(map(literal, kind))})" for kind in (Outcome, Reason))
    session.table(
        "outcome_of",
        f"SELECT reason, CAST(reason AS {reasons}) AS told, CAST(outcome AS {outcomes}) AS outcome FROM (VALUES "
        + ", ".join(f"('{r}', '{r.outcome}')" for r in Reason)
        + ") AS t(reason, outcome)",
    )
    session.view("account", account)
    path = task.workspace.file(file)
    session.publish(
        f"""SELECT row, outcome, told AS reason, CASE WHEN account.reason = outcome_of.reason THEN detail
                ELSE substr(account.reason, length(outcome_of.reason) + {len(DETAIL_MARK) + 1}) END AS detail
            FROM account JOIN outcome_of ON split_part(account.reason, '{DETAIL_MARK}', 1) = outcome_of.reason""",
        path,
    )
    session.view("outcomes", files([path], columns.OUTCOMES))
    return dict(session.rows("SELECT reason, count(*) FROM outcomes GROUP BY reason ORDER BY reason"))


def check_conservation(session: Session, task: Task, rows_read: int) -> None:
    """Raises Permanent unless `outcomes` has every row from 1 to the last once."""
    [(rows, first, last)] = session.rows("SELECT count(*), coalesce(min(row), 1), coalesce(max(row), 0) FROM outcomes")
    distinct = _distinct_rows(session, first, last)
    if (rows, distinct, first, last) != (rows_read, rows_read, 1, rows_read):
        raise Permanent(
            f"of {rows_read} rows read, {distinct} have an outcome, {rows - distinct} of them more than one",
            place=f"transfers/{task.id}",
            remedy="This is a defect of the gateway, and nothing is claimed as delivered: report it.",
        )


def _distinct_rows(session: Session, first: int, last: int) -> int:
    """How many different rows `outcomes` has. One bit a row tells that in little memory, as far as bits go."""
    different = "count(DISTINCT row)"
    if 0 <= last - first < _MOST_BITS:
        different = f"coalesce(bit_count(bitstring_agg(row, {first}, {last})), 0)"
    return int(session.rows(f"SELECT {different} FROM outcomes")[0][0])
