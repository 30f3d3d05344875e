"""How well the ids of a transfer matched, and what the others would match by."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager

import pytest
from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.kept_indexes import KeptIndexes
from audience_gateway.identity.shared_ids import PeopleLimits, SharedIds
from audience_gateway.sdk import ConfigError, Outcome, Reason
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.transfers.match_report import MatchClass, TrialState, match_counts
from audience_gateway.transfers.matching import Matching
from audience_gateway.transfers.model import OutcomeCount, TransferMode
from audience_gateway.transfers.service import TransferNotFound
from audience_gateway.transfers.workspace import Workspace
from systems import Ids, Record, Records, Row, Systems
from test_several_sources import Several, known, row

PEOPLE = [Record("ada", "1"), Record("grace", "2"), Record("silent", "3", opted_out=True)]
ROWS = [Row("ADA"), Row(" grace "), Row("nobody"), Row(" nobody "), Row("bad"), Row(None), Row("silent"), Row("ada")]


@pytest.fixture
def reporting(gateway, tmp_path):
    """Shares rows with a system, and answers the gateway, the transfer and what reports on it."""

    @asynccontextmanager
    async def reporting(rows, target, sample_rows=100, source=Ids, others=None, **changes):
        systems = Systems({"source": source(rows), "target": target}, changes=others or {})
        async with gateway(systems) as opened:
            transfer = await opened.share(**changes)
            matching = Matching(
                transfers=opened.transfers,
                connections=systems,
                indexes=KeptIndexes(systems, IndexStore(tmp_path / "indexes"), QueryLimits(), IndexLimits()),
                workspace=lambda transfer: Workspace(tmp_path / "transfers" / transfer),
                sample_rows=sample_rows,
            )
            yield matching, transfer.id

    return reporting


def counts(report) -> dict[str, dict[Reason, int]]:
    return {count.match.value: dict(count.reasons) for count in report.counts}


async def test_each_row_is_in_one_class_with_its_reason(reporting):
    async with reporting(ROWS, Records(index=PEOPLE)) as (matching, transfer):
        report = await matching.report(transfer)
    assert counts(report) == {
        "matched": {Reason.ADDED: 1},
        "unmatched": {Reason.NO_ID: 1, Reason.UNKNOWN_ID: 3},
        "invalid": {Reason.INVALID_ID: 1},
        "not_judged": {Reason.OPTED_OUT: 1, Reason.SAME_ID: 1},
    }
    assert sum(count.rows for count in report.counts) == report.rows_read == len(ROWS)
    assert (report.connection, report.rule.data_source, report.rule.id_type) == ("target", "plain", "plain")


async def test_rows_without_a_match_are_tried_otherwise_after_the_transfer_has_ended(reporting):
    async with reporting(ROWS, Records(index=PEOPLE)) as (matching, transfer):
        report = await matching.report(transfer)
    assert (report.trial, report.rows_to_try, report.rows_tried) == (TrialState.TRIED, 4, 4)
    assert [(one.condition, one.rows) for one in report.would_match] == [("the ids were trimmed", 1)]
    assert report.index_read is not None


async def test_complaint_7_that_ids_were_never_synced_is_told_by_a_dry_run_before_anything_is_delivered(reporting):
    rows, crm = [Row(f"never synced {number}") for number in range(5)], Records(index=PEOPLE)
    async with reporting(rows, crm, dry_run=True) as (matching, transfer):
        report = await matching.report(transfer)
    assert counts(report)["unmatched"] == {Reason.UNKNOWN_ID: 5}
    assert counts(report)["matched"] == {}
    assert (report.rows_to_try, report.would_match) == (5, ())
    assert not crm.held


async def test_rows_that_match_now_need_nothing_otherwise(reporting):
    crm = Records(index=list(PEOPLE))
    async with reporting(ROWS, crm) as (matching, transfer):
        crm.index.append(Record(" grace ", "2"))
        report = await matching.report(transfer)
    assert (report.rows_matching_now, report.would_match) == (1, ())


async def test_at_most_so_many_rows_are_tried_and_always_the_same(reporting):
    rows = [Row(f" {number} ") for number in range(50)]
    index = [Record(str(number), str(number)) for number in range(25)]
    async with reporting(rows, Records(index=index), sample_rows=20) as (matching, transfer):
        report, again = await matching.report(transfer), await matching.report(transfer)
    assert (report.rows_to_try, report.rows_tried) == (50, 20)
    (trimmed,) = report.would_match
    assert 0 < trimmed.rows < 20
    assert again.would_match == report.would_match


async def test_counts_stay_when_rows_are_no_longer_kept(reporting, tmp_path):
    async with reporting(ROWS, Records(index=PEOPLE)) as (matching, transfer):
        shutil.rmtree(tmp_path / "transfers" / transfer)
        report = await matching.report(transfer)
    assert (report.trial, report.rows_tried, report.would_match) == (TrialState.ROWS_NOT_KEPT, 0, ())
    assert counts(report)["unmatched"] == {Reason.NO_ID: 1, Reason.UNKNOWN_ID: 3}


@pytest.mark.parametrize(
    ("rows", "target", "sample_rows", "state"),
    [
        ([Row("ada")], Records(index=PEOPLE), 100, TrialState.NOTHING_TO_TRY),
        ([Row(None)], Records(index=PEOPLE), 100, TrialState.NOTHING_TO_TRY),
        ([Row("bad", defect=Reason.MALFORMED_ROW)], Records(index=PEOPLE), 100, TrialState.NOTHING_TO_TRY),
        ([Row("nobody")], Records(index=PEOPLE), 0, TrialState.TURNED_OFF),
        ([Row("bad")], Ids(), 100, TrialState.NO_RECORDS),
    ],
)
async def test_why_nothing_is_tried_is_said(reporting, rows, target, sample_rows, state):
    async with reporting(rows, target, sample_rows) as (matching, transfer):
        assert (await matching.report(transfer)).trial is state


async def test_an_index_that_cannot_be_read_is_an_error_and_no_report(reporting):
    async with reporting([Row("nobody")], Records(index=PEOPLE)) as (matching, transfer):
        del matching.connections.systems["target"]
        with pytest.raises(ConfigError, match="no such connection"):
            await matching.report(transfer)


async def test_a_transfer_that_is_not_there_has_no_report(reporting):
    async with reporting([Row("ada")], Records(index=PEOPLE)) as (matching, _):
        with pytest.raises(TransferNotFound):
            await matching.report("none")


async def test_who_is_to_leave_would_match_although_opted_out(reporting):
    crm = Records(index=PEOPLE)
    async with reporting([Row(" silent ")], crm, mode=TransferMode.REMOVE_ONLY) as (matching, transfer):
        report = await matching.report(transfer)
    assert [(one.condition, one.rows) for one in report.would_match] == [("the ids were trimmed", 1)]


async def test_ids_of_each_data_source_of_several_are_tried_otherwise(reporting):
    target, then = known("plain:ada 1", "second:grace 2"), {"source": Several, "others": {"second": {}}}
    rows = [row(" ada ", "x"), row("y", " grace "), row(None, " grace"), row(" ada", " grace"), row("z", None)]
    async with reporting(rows, target, further_data_sources=("second",), **then) as (matching, transfer):
        report = await matching.report(transfer)
    assert (report.rows_to_try, report.rows_tried, report.rows_matching_now) == (5, 5, 0)
    assert [(one.condition, one.rule.data_source, one.rows) for one in report.would_match] == [
        ("the ids were trimmed, for ids of `second`", "second", 3),
        ("the ids were trimmed, for ids of `plain`", "plain", 2),
    ]


async def test_a_row_that_matches_now_by_any_data_source_needs_nothing_otherwise(reporting):
    target, then = known("plain:ada 1"), {"source": Several, "others": {"second": {}}}
    async with reporting([row(" ada", "x")], target, further_data_sources=("second",), **then) as (matching, transfer):
        target.index += known("second:x 1").index
        report = await matching.report(transfer)
    assert (report.rows_matching_now, report.would_match) == (1, ())


async def test_ids_that_another_data_source_would_find_are_told(reporting):
    async with reporting([row("ada"), row("x")], known("second:ada 1"), others={"second": {}}) as (matching, transfer):
        report = await matching.report(transfer)
    [told] = report.would_match
    assert (told.condition, told.rule.data_source, told.rows) == ("the data source were `second`", "second", 1)


async def test_a_data_source_that_cannot_be_tried_is_told_and_the_others_are(reporting, monkeypatch):
    target = known("second:ada 1")
    async with reporting([row("ada")], target, others={"broken": {}, "second": {}}) as (matching, transfer):

        async def reading(request, read=target.read_index):
            if request.source.name == "broken":
                raise ConfigError("there is no such attribute")
            async for page in read(request):
                yield page

        monkeypatch.setattr(target, "read_index", reading)
        report = await matching.report(transfer)
    assert [(one.rows, one.problem) for one in report.would_match] == [(1, ""), (0, "there is no such attribute")]


async def test_shared_ids_are_counted_in_the_index_of_each_data_source(reporting):
    target, then = known("plain:a 1", "plain:a 2", "second:b 1", "second:b 2", "second:b 3"), {"source": Several}
    rows, others = [row("x", "y")], {"second": {}}
    async with reporting(rows, target, further_data_sources=("second",), others=others, **then) as (matching, transfer):
        matching.indexes.people = PeopleLimits(many=2, too_many=3)
        report = await matching.report(transfer)
    assert report.shared_ids == SharedIds(by_several=2, by_many=1, by_too_many=0, most_people=3)


def test_rows_that_take_a_transfer_back_are_not_judged():
    outcomes = [OutcomeCount(Outcome.DELIVERED, 2, {Reason.REMOVED: 2})]
    judged = {count.match: count.rows for count in match_counts(outcomes, looked_up=False)}
    assert judged == {match: 2 if match is MatchClass.NOT_JUDGED else 0 for match in MatchClass}


@pytest.mark.parametrize("reason", [Reason.DENIED_BY_POLICY, Reason.LEFT, Reason.SUPERSEDED, Reason.NOT_SENT])
def test_rows_that_were_not_looked_up_are_not_judged(reason):
    assert MatchClass.of(reason) is MatchClass.NOT_JUDGED


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_class(reason):
    invalid = {"rejected"} if reason is not Reason.REFUSED_BY_DESTINATION else set()
    unknown = reason.outcome == "unmatched" or reason is Reason.RECORD_CREATED
    assert (MatchClass.of(reason) is MatchClass.UNMATCHED) == unknown
    assert (MatchClass.of(reason) is MatchClass.INVALID) == (reason.outcome in invalid)


async def test_ids_that_several_records_have_are_counted_although_every_row_has_matched(reporting):
    people = [Record("ada", str(number)) for number in range(3)] + [Record("grace", "9"), Record("grace", "9")]
    async with reporting([Row("ada"), Row("grace")], Records(index=people)) as (matching, transfer):
        matching.indexes.people = PeopleLimits(many=2, too_many=3)
        report = await matching.report(transfer)
    assert report.trial is TrialState.NOTHING_TO_TRY
    assert report.shared_ids == SharedIds(by_several=1, by_many=1, by_too_many=0, most_people=3)
