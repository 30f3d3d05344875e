"""How well the ids of a transfer matched, and what would match if something were otherwise: values for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from audience_gateway.identity.explanation import Rule
from audience_gateway.identity.shared_ids import SharedIds
from audience_gateway.sdk import CandidatePolicy, Codec, Outcome, Reason
from audience_gateway.transfers.model import OutcomeCount, SourceCount


class MatchClass(StrEnum):
    """What matching made of a row."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    INVALID = "invalid"
    NOT_JUDGED = "not_judged"

    @classmethod
    def of(cls, reason: Reason) -> MatchClass:
        """The class of the rows that ended with a reason.

        Not judged are rows that were not looked up, or may not have been: suppressed ones, those for whose id another
        row counts, and those of transfers that ended early.
        """
        if reason.outcome is Outcome.SUPPRESSED or reason in _NOT_JUDGED:
            return cls.NOT_JUDGED
        if reason.outcome is Outcome.UNMATCHED or reason is Reason.RECORD_CREATED:
            return cls.UNMATCHED
        invalid = reason.outcome is Outcome.REJECTED and reason is not Reason.REFUSED_BY_DESTINATION
        return cls.INVALID if invalid else cls.MATCHED


_NOT_JUDGED = frozenset({Reason.SAME_ID, Reason.SUPERSEDED, Reason.CANCELLED, Reason.NOT_SENT})


class TrialState(StrEnum):
    """Whether rows that did not match were tried otherwise, or why not."""

    TRIED = "tried"
    NOTHING_TO_TRY = "nothing_to_try"
    ROWS_NOT_KEPT = "rows_not_kept"
    NO_RECORDS = "no_records"
    TURNED_OFF = "turned_off"


@dataclass(frozen=True, slots=True)
class MatchCount:
    """Rows of one class.

    Attributes:
        match: the class.
        rows: its rows.
        reasons: of these, by reason.
    """

    match: MatchClass
    rows: int
    reasons: Mapping[Reason, int]


@dataclass(frozen=True, slots=True)
class WouldMatchRows:
    """Rows of the sample that would match.

    Attributes:
        condition: what would be otherwise; stands behind `would match if`.
        remedy: what to do about it.
        rule: the rule that the ids would go by.
        rows: how many would match, not counting those that would match as everything is now.
        problem: why it could not be tried; empty if it was.
    """

    condition: str
    remedy: str
    rule: Rule
    rows: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SourceMatch:
    """Rows that went by one data source of several.

    Attributes:
        rule: its rule.
        rows: the rows.
        counts: all four classes, which sum to them.
    """

    rule: Rule
    rows: int
    counts: Sequence[MatchCount]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReport:
    """The report of one transfer.

    Attributes:
        transfer: its id.
        connection: name of the connection whose records its ids are to match.
        rule: the rule that it went by, of several data sources that of the first.
        policy: what it did with several records of an id.
        rows_read: its rows.
        counts: all four classes, which sum to the rows read.
        trial: whether rows that did not match were tried otherwise.
        rows_to_try: rows that are unmatched or invalid and have an id.
        rows_tried: how many of these were tried.
        rows_matching_now: how many of these match as everything is now; records have come, or settings have changed.
        would_match: what the others would match by, the most first, and behind them what could not be tried.
        index_read: when the index was read that they were tried on, of several the oldest; None if none were.
        shared_ids: ids of the index as it was last read that several people have; None if there is no index.
        by_source: rows by data source, where there were several.
    """

    transfer: str
    connection: str
    rule: Rule
    policy: CandidatePolicy
    rows_read: int
    counts: Sequence[MatchCount]
    trial: TrialState
    rows_to_try: int = 0
    rows_tried: int = 0
    rows_matching_now: int = 0
    would_match: Sequence[WouldMatchRows] = ()
    index_read: datetime | None = None
    shared_ids: SharedIds | None = None
    by_source: Sequence[SourceMatch] = ()


def source_match(count: SourceCount) -> SourceMatch:
    """How well the ids of one data source of several matched."""
    rule = Rule(count.data_source, count.id_type, count.recipe, Codec(count.codec))
    return SourceMatch(rule, count.rows, _by_class(count.reasons, looked_up=True))


def match_counts(outcomes: Sequence[OutcomeCount], *, looked_up: bool = True) -> tuple[MatchCount, ...]:
    """Rows by class, from rows by outcome and reason; none is judged if ids were not looked up."""
    reasons = {reason: rows for outcome in outcomes for reason, rows in outcome.reasons.items()}
    return _by_class(reasons, looked_up=looked_up)


def _by_class(reasons: Mapping[Reason, int], *, looked_up: bool) -> tuple[MatchCount, ...]:
    return tuple(
        MatchCount(match, sum(of_class.values()), of_class)
        for match in MatchClass
        for of_class in [
            {reason: rows for reason, rows in reasons.items() if _class(reason, looked_up=looked_up) is match}
        ]
    )


def _class(reason: Reason, *, looked_up: bool) -> MatchClass:
    return MatchClass.of(reason) if looked_up else MatchClass.NOT_JUDGED
