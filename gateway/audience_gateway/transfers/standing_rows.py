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
        if not self.newest:
            return f"""
                SELECT normalised.row, CASE WHEN {_WILLING} THEN '{Reason.SAME_ID}'
                    ELSE coalesce(reason, '{Reason.OPTED_OUT}') END AS reason
                FROM normalised LEFT JOIN (FROM first WHERE rows > 1) AS several USING (key)
                WHERE NOT ({_WILLING}) OR normalised.row <> several.row"""
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
    """Names the row of each id that counts and may claim somebody `first` (row, key, rows), out of `normalised`.

    `rows` is how many rows want to stand for the id, where the first one does. Names the rows that say that somebody
    leaves `leaving` as well.
    """
    standing = find_standing(session, task)
    if standing.newest:
        passed = f"SELECT row FROM normalised WHERE {standing.unwilling}"
        if not standing.heeded:
            passed += " UNION ALL FROM leaving"
        newest = "SELECT max(row) AS row, key, count(*) AS rows FROM normalised WHERE reason IS NULL GROUP BY key"
        session.table("first", f"FROM ({newest}) ANTI JOIN ({passed}) USING (row)")
    else:
        session.table(
            "first",
            f"SELECT min(row) AS row, key, count(*) AS rows FROM normalised WHERE {_WILLING} GROUP BY key",
        )
    return standing
