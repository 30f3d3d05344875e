"""Which share of the valid rows matches, now and in the last share of the same source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audience_gateway.sdk import Reason
from audience_gateway.sdk.outcomes import DETAIL_MARK
from audience_gateway.storage.relations import files
from audience_gateway.transfers import columns
from audience_gateway.transfers.background import in_background
from audience_gateway.transfers.match_report import MatchClass, match_counts
from audience_gateway.transfers.model import OutcomeCount
from audience_gateway.transfers.task import Task


@dataclass(frozen=True, slots=True)
class MatchRate:
    """Rows that were looked up and are valid.

    Attributes:
        matched: those for which a record was found, or whose id is taken as it is.
        unmatched: the others.
    """

    matched: int
    unmatched: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.matched + self.unmatched

    @property
    def points(self) -> float:
        """The share that matches, in hundredths; 0 without rows."""
        return 100 * self.matched / self.rows if self.rows else 0.0

    @classmethod
    def of(cls, outcomes: Sequence[OutcomeCount]) -> MatchRate:
        """The rate of a transfer that has succeeded."""
        rows = {count.match: count.rows for count in match_counts(outcomes)}
        return cls(rows[MatchClass.MATCHED], rows[MatchClass.UNMATCHED])


async def match_rate(task: Task, claiming: int) -> MatchRate:
    """The rate of a transfer whose rows are reconciled, of which so many claim members."""
    decided = await in_background(_decided, task)
    classes = {reason: MatchClass.of(Reason(reason)) for reason in decided}
    rows = {match: sum(decided[reason] for reason in decided if classes[reason] is match) for match in MatchClass}
    return MatchRate(claiming + rows[MatchClass.MATCHED], rows[MatchClass.UNMATCHED])


def _decided(task: Task) -> Mapping[str, int]:
    with task.relations.session() as session:
        session.view("decided", files(task.workspace.parts("decided"), columns.DECIDED))
        return dict(
            session.rows(f"SELECT split_part(reason, '{DETAIL_MARK}', 1) AS code, count(*) FROM decided GROUP BY code")
        )
