"""What a source is like holds a transfer back: it is stale, or fewer of its rows match than before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.sdk import Audience, Reason
from audience_gateway.transfers.guard import match_finding, stale_finding
from audience_gateway.transfers.match_rate import MatchRate
from audience_gateway.transfers.model import AudienceRef, GuardLimits, TransferState
from systems import Ids, Record, Records, Row, Systems
from test_account import reasons

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANY = GuardLimits(removed_rows=1000, removed_share=1.0, match_points=20.0, match_rows=4)


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        (MatchRate(900, 100), MatchRate(700, 300), False),
        (MatchRate(900, 100), MatchRate(699, 301), True),
        (MatchRate(500, 500), MatchRate(900, 100), False),
        (MatchRate(900, 100), MatchRate(0, 999), False),
        (MatchRate(999, 0), MatchRate(0, 1000), False),
    ],
    ids=["by just so many points", "by more", "a rise", "too few rows now", "too few rows before"],
)
def test_a_match_rate_that_falls_by_more_than_the_points_is_found(before, now, held):
    found = match_finding(now, before, GuardLimits(match_points=20.0, match_rows=1000))
    assert [finding.reason for finding in found] == [Reason.MATCH_RATE_FELL] * held


def test_a_match_rate_is_not_looked_at_without_points():
    assert match_finding(MatchRate(0, 10), MatchRate(10, 0), GuardLimits()) == ()


@pytest.mark.parametrize(
    ("refreshed", "stale_after", "held"),
    [
        (NOW - DAY, DAY, False),
        (NOW - DAY - timedelta(seconds=1), DAY, True),
        (None, DAY, False),
        (NOW - 100 * DAY, timedelta(), False),
        (NOW - 100 * DAY, None, False),
    ],
    ids=["just fresh", "older", "not known", "any age", "not looked at"],
)
def test_a_source_that_was_refreshed_too_long_ago_is_found(refreshed, stale_after, held):
    found = stale_finding(refreshed, GuardLimits(stale_after=stale_after), NOW)
    assert [finding.reason for finding in found] == [Reason.STALE_SOURCE] * held


@dataclass
class Dated(Ids):
    """Lists its only audience with the time of its members."""

    refreshed: datetime | None = None

    async def get_audience(self, audience: str) -> Audience | None:
        return Audience(id=audience, title=audience, refreshed=self.refreshed)

    async def list_audiences(self):
        yield Audience(id="all", title="all", refreshed=self.refreshed)


async def test_rows_of_a_stale_source_are_withheld_also_where_only_members_are_added(gateway):
    source, target = Dated([Row("a")], refreshed=datetime.now(UTC) - DAY), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        fresh = await opened.share(guard=GuardLimits(stale_after=2 * DAY))
        source.rows = [Row("a"), Row("b")]
        stale = await opened.share(guard=GuardLimits(stale_after=DAY / 2))
        held = set(target.held)
        released = await opened.ended(await opened.transfers.release(stale.id, "the platform is down today"))
    assert (fresh.state, stale.state, held) == (TransferState.SUCCEEDED, TransferState.WITHHELD, {"a"})
    assert reasons(stale) == {Reason.ALREADY_MEMBER: 1, Reason.STALE_SOURCE: 1}
    assert stale.holds[0].findings[0].message == (
        "the source was refreshed 24.0 hours ago, and the guard lets it be 12.0 old"
    )
    assert (released.state, target.held) == (TransferState.SUCCEEDED, {"a", "b"})


def people(names: str) -> list[Row]:
    return [Row(name) for name in names]


async def test_a_match_rate_that_fell_holds_back_and_is_the_measure_of_the_next_once_it_is_released(gateway):
    source = Ids(people("abcdef"))
    target = Records(index=[Record(name, f"r-{name}") for name in "abcde"])
    async with gateway(Systems({"source": source, "target": target})) as opened:
        first = await opened.share(guard=ANY)
        target.index = target.index[:2]
        await opened.share(guard=ANY, dry_run=True)
        held = await opened.share(guard=ANY)
        released = await opened.ended(await opened.transfers.release(held.id, "the table was cleaned up"))
        again = await opened.share(guard=ANY)
    assert (first.state, held.state) == (TransferState.SUCCEEDED, TransferState.WITHHELD)
    [finding] = held.holds[0].findings
    assert finding.message == (
        "33.3 % of the valid rows match, 83.3 % did in the last share of the source, and the guard lets it fall by 20 "
        "points"
    )
    assert (finding.reason, reasons(held)[Reason.UNKNOWN_ID]) == (Reason.MATCH_RATE_FELL, 4)
    assert (released.state, again.state) == (TransferState.SUCCEEDED, TransferState.SUCCEEDED)


async def test_shares_of_another_source_are_no_measure(gateway):
    systems = Systems({"source": Ids(people("vwxyz")), "other": Ids(people("abcde")), "target": Records()})
    systems.systems["target"].index = [Record(name, f"r-{name}") for name in "abcde"]
    async with gateway(systems) as opened:
        await opened.share(guard=ANY, source=AudienceRef("other", "all"))
        ended = await opened.share(guard=GuardLimits(match_points=0.0, match_rows=1, removed_rows=1000))
    assert [finding.reason for hold in ended.holds for finding in hold.findings] == [Reason.EMPTY_SOURCE]
