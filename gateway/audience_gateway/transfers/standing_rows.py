"""Which row stands for each id, and what the others end with.

The first one stands for it where every row is a member. Where rows are changes, the last one does, whatever it says: so
it is in a transfer of changes, and in any other as soon as a row says that somebody leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.sdk import Reason
from audience_gateway.storage.relations import Session
from audience_gateway.transfers.chunk_files import leaving_rows
from audience_gateway.transfers.model import TransferMode
from audience_gateway.transfers.task import Task

_WILLING = "reason IS NULL AND NOT coalesce(opted_out, true)"


@dataclass(frozen=True, slots=True)
class Standing:
    """How rows stand for ids and for records.

    Attributes:
        newest: whether of several rows the last one counts; else it is the first.
        heeded: whether a row that says that somebody leaves removes its member; else it claims nobody.
    """

    newest: bool
    heeded: bool

    @property
    def row(self) -> str:
        """The aggregate that chooses among the rows of one id or one record."""
        return "max(row)" if self.newest else "min(row)"

    @property
    def unwilling(self) -> str:
        """Of `normalised`, an SQL condition: the row's person must not be shared, and the row would add somebody."""
        return "opted_out AND row NOT IN (FROM leaving)" if self.heeded else "opted_out"

    @property
    def decided(self) -> str:
        """A query of row and reason over those of `normalised` that stand for no id."""
        if not self.newest:  # rows are only looked through again for ids that have more than two
            return f"""
                SELECT row, coalesce(reason, '{Reason.OPTED_OUT}') AS reason FROM normalised WHERE NOT ({_WILLING})
                UNION ALL SELECT last_row, '{Reason.SAME_ID}' FROM first WHERE rows = 2
                UNION ALL SELECT normalised.row, '{Reason.SAME_ID}'
                FROM normalised JOIN (FROM first WHERE rows > 2) AS several USING (key)
                WHERE {_WILLING} AND normalised.row <> several.row"""
        left = "" if self.heeded else f"WHEN row IN (FROM leaving) THEN '{Reason.LEFT}'"
        return f"""
            SELECT row, CASE WHEN reason IS NOT NULL THEN reason
                {left}
                WHEN {self.unwilling} THEN '{Reason.OPTED_OUT}'
                ELSE '{Reason.SUPERSEDED}' END AS reason
            FROM normalised ANTI JOIN first USING (row)"""


def find_standing(session: Session, task: Task) -> Standing:
    """How rows stand in a transfer. Names the rows that say that somebody leaves `leaving`."""
    session.table("leaving", leaving_rows(task.workspace))
    heeded = task.request.mode is TransferMode.DELTA
    return Standing(newest=heeded or bool(session.rows("FROM leaving LIMIT 1")), heeded=heeded)


def name_first(session: Session, task: Task) -> Standing:
    """Names the row of each id that counts and may claim somebody `first` (row, key, leaves), out of `normalised`.

    `leaves` is whether it does not count that the person does not want to be shared. Where the first row stands for an
    id, `rows` is how many want to, and `last_row` the last of them. Names the rows that say that somebody leaves
    `leaving` as well.
    """
    standing = find_standing(session, task)
    leaves = "row IN (FROM leaving)" if standing.heeded else "false"
    if task.request.mode is TransferMode.REMOVE_ONLY:  # who does not want to be shared may leave all the same
        leaves = "true"
    if standing.newest:
        passed = f"SELECT row FROM normalised WHERE {standing.unwilling}"
        if not standing.heeded:
            passed += " UNION ALL FROM leaving"
        newest = "SELECT max(row) AS row, key FROM normalised WHERE reason IS NULL GROUP BY key"
        session.table("first", f"SELECT *, {leaves} AS leaves FROM ({newest}) ANTI JOIN ({passed}) USING (row)")
    else:
        ranked = f"SELECT min(row) AS row, key, count(*) AS rows, max(row) AS last_row FROM normalised WHERE {_WILLING}"
        session.table("first", f"SELECT *, {leaves} AS leaves FROM ({ranked} GROUP BY key)")
    return standing
