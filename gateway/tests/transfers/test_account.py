"""Every row of the source ends in one of the seven outcomes."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from audience_gateway.sdk import CandidatePolicy, EventKind, Outcome, Reason, denied_by
from audience_gateway.transfers.model import Receipt, TransferState
from audience_gateway.transfers.service import OutcomeQuery
from systems import Ids, Record, Records, Row, Systems


def counts(receipt: Receipt) -> dict[Outcome, int]:
    return {count.outcome: count.rows for count in receipt.outcomes if count.rows}


def reasons(receipt: Receipt) -> dict[Reason, int]:
    return {reason: rows for count in receipt.outcomes for reason, rows in count.reasons.items()}


async def test_each_kind_of_row_gets_its_reason(gateway):
    source = Ids(
        [
            Row("known"),
            Row("KNOWN"),
            Row("other id of the same record"),
            Row("unknown"),
            Row("bad"),
            Row(None),
            Row(None, defect=Reason.MALFORMED_ROW),
            Row("does not want", opted_out=True),
            Row("record does not want"),
            Row("refused"),
        ]
    )
    target = Records(
        index=[
            Record("known", "1"),
            Record("other id of the same record", "1"),
            Record("does not want", "2"),
            Record("record does not want", "3", opted_out=True),
            Record("refused", "4"),
        ],
        refuses={"4"},
    )
    async with gateway(Systems({"source": source, "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert reasons(receipt) == {
        Reason.ADDED: 1,
        Reason.SAME_ID: 1,
        Reason.SAME_TARGET: 1,
        Reason.UNKNOWN_ID: 1,
        Reason.INVALID_ID: 1,
        Reason.NO_ID: 1,
        Reason.MALFORMED_ROW: 1,
        Reason.OPTED_OUT: 2,
        Reason.REFUSED_BY_DESTINATION: 1,
    }
    assert receipt.rows_read == 10 == sum(count.rows for count in receipt.outcomes)
    assert target.held == {"1"}


async def test_of_all_rows_of_an_id_the_first_that_may_be_shared_stands_for_it(gateway):
    source = Ids([Row("a", opted_out=True), *(Row(id_) for id_ in ("a", "b", "A", "a", "c", "b", "bad"))])
    target = Records(index=[Record(id_, id_.upper()) for id_ in "abc"])
    async with gateway(Systems({"source": source, "target": target})) as opened:
        shared = await opened.share()
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=shared.id))
    first, again = Reason.ADDED, Reason.SAME_ID
    ended = [row.reason for row in rows]
    assert ended == [Reason.OPTED_OUT, first, first, again, again, first, again, Reason.INVALID_ID]
    assert target.held == {"A", "B", "C"}


async def test_a_row_that_a_policy_denies_is_suppressed_with_the_policys_name(gateway):
    source = Ids([Row("known"), Row(None, defect=denied_by("No e-mail: C4")), Row(None, defect=denied_by("Other"))])
    async with gateway(Systems({"source": source, "target": Ids()})) as opened:
        transfer = await opened.share()
        receipt = await opened.receipt(transfer)
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id, outcome=Outcome.SUPPRESSED))
    assert counts(receipt) == {Outcome.DELIVERED: 1, Outcome.SUPPRESSED: 2}
    assert [(row.row, row.reason, row.detail) for row in rows] == [
        (2, Reason.DENIED_BY_POLICY, "No e-mail: C4"),
        (3, Reason.DENIED_BY_POLICY, "Other"),
    ]


async def test_rows_can_be_listed_by_outcome_with_what_the_destination_said(gateway):
    target = Records(index=[Record("a", "1"), Record("b", "2")], refuses={"2"})
    async with gateway(Systems({"source": Ids([Row("a"), Row("b"), Row("c")]), "target": target})) as opened:
        transfer = await opened.share()
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id, outcome=Outcome.REJECTED))
        rest = await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id, after_row=2))
    assert [(row.row, row.reason, row.detail) for row in rows] == [(2, Reason.REFUSED_BY_DESTINATION, "E1 no")]
    assert [(row.row, row.reason) for row in rest] == [(3, Reason.UNKNOWN_ID)]
    assert rows[0].id_fingerprint not in {"", "b"}


async def test_all_rows_can_be_exported_and_tell_what_the_list_tells(gateway):
    names = [f"id-{number}" for number in range(9)]
    target = Records(index=[Record(name, name) for name in names[:5]], refuses={"id-2"})
    async with gateway(Systems({"source": Ids([Row(name) for name in names]), "target": target})) as opened:
        transfer = await opened.share()
        query = OutcomeQuery(transfer=transfer.id, limit=2)
        exported = [batch async for batch in opened.transfers.export_outcomes(query)]
        rest = [batch async for batch in opened.transfers.export_outcomes(replace(query, after_row=7))]
        listed = await opened.transfers.outcomes(replace(query, limit=100))
    rows = [row for batch in exported for row in batch.to_pylist()]
    assert rows == [{name: value for name, value in asdict(row).items() if name != "id"} for row in listed]
    assert [row["row"] for row in rows] == list(range(1, 10))
    assert [row for batch in rest for row in batch.column("row").to_pylist()] == [8, 9]


async def test_an_export_that_nobody_reads_to_its_end_leaves_no_files(gateway, tmp_path):
    async with gateway(Systems({"source": Ids([Row("a"), Row("b")]), "target": Ids()})) as opened:
        transfer = await opened.share()
        export = opened.transfers.export_outcomes(OutcomeQuery(transfer=transfer.id))
        await anext(export)
        await export.aclose()
    assert list((tmp_path / "transfers" / transfer.id / "scratch").iterdir()) == []


async def test_an_id_of_several_records_makes_all_of_them_members(gateway):
    target = Records(index=[Record("shared", "1"), Record("shared", "2"), Record("shared", "3", opted_out=True)])
    async with gateway(Systems({"source": Ids([Row("shared")]), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share(CandidatePolicy.ALL))
    assert (counts(receipt), target.held) == ({Outcome.DELIVERED: 1}, {"1", "2"})


async def test_the_policy_latest_takes_the_record_seen_last(gateway):
    target = Records(index=[Record("shared", "1", day=3), Record("shared", "2", day=9), Record("shared", "3", day=4)])
    async with gateway(Systems({"source": Ids([Row("shared")]), "target": target})) as opened:
        await opened.share(CandidatePolicy.LATEST)
    assert target.held == {"2"}


async def test_the_policy_reject_leaves_ambiguous_ids_unmatched(gateway):
    target = Records(index=[Record("shared", "1"), Record("shared", "2"), Record("single", "3")])
    async with gateway(Systems({"source": Ids([Row("shared"), Row("single")]), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share(CandidatePolicy.REJECT))
    assert reasons(receipt) == {Reason.AMBIGUOUS_ID: 1, Reason.ADDED: 1}
    assert target.held == {"3"}


async def test_a_record_that_was_last_seen_with_an_id_too_long_ago_does_not_count(gateway):
    index = [Record("old", "1", day=3), Record("both", "1", day=3), Record("both", "2", day=9)]
    target = Records(index=index)
    since = datetime.now(UTC) - datetime(2026, 1, 5, tzinfo=UTC)
    systems = Systems({"source": Ids([Row("old"), Row("both"), Row("new")]), "target": target})
    systems.expire_days = since / timedelta(days=1)
    async with gateway(systems) as opened:
        receipt = await opened.receipt(await opened.share())
    assert reasons(receipt) == {Reason.EXPIRED_ID: 1, Reason.ADDED: 1, Reason.UNKNOWN_ID: 1}
    assert target.held == {"2"}


async def test_a_receipt_says_by_which_version_of_a_recipe_ids_were_normalised(gateway):
    async with gateway(Systems({"source": Ids([Row("a")]), "target": Ids()})) as opened:
        receipt = await opened.receipt(await opened.share())
    document = json.loads(receipt.canonical_json)
    assert (document["id_type"], document["recipe"], document["codec"]) == ("plain", "trim@1", "none")


async def test_a_record_with_several_entries_of_one_id_is_one_candidate(gateway):
    target = Records(index=[Record("a", "1", day=2), Record("a", "1", day=5)])
    async with gateway(Systems({"source": Ids([Row("a")]), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share(CandidatePolicy.REJECT))
    assert reasons(receipt) == {Reason.ADDED: 1}


async def test_where_nothing_reconciles_the_ids_themselves_are_delivered(gateway):
    target = Ids()
    async with gateway(
        Systems({"source": Ids([Row("A"), Row("a"), Row("b"), Row("bad")]), "target": target})
    ) as opened:
        receipt = await opened.receipt(await opened.share())
    assert target.held == {"a", "b"}
    assert reasons(receipt) == {Reason.ADDED: 2, Reason.SAME_ID: 1, Reason.INVALID_ID: 1}


async def test_an_empty_source_gives_an_empty_account(gateway):
    async with gateway(Systems({"source": Ids(), "target": Records()})) as opened:
        transfer = await opened.share()
        receipt = await opened.receipt(transfer)
    assert (transfer.state, receipt.rows_read, counts(receipt)) == (TransferState.SUCCEEDED, 0, {})


async def test_observers_hear_that_a_transfer_started_and_ended(gateway):
    systems = Systems({"source": Ids([Row("a")]), "target": Ids()})
    async with gateway(systems) as opened:
        transfer = await opened.share()
    assert systems.events == [(EventKind.TRANSFER_STARTED, transfer.id), (EventKind.TRANSFER_ENDED, transfer.id)]


async def test_once_a_transfer_is_known_to_have_ended_no_file_of_it_is_dropped_any_more(gateway, tmp_path):
    files: list[set[str]] = []

    class Looking(Systems):
        def observe(self, kind: EventKind, transfer: str) -> None:
            if kind is EventKind.TRANSFER_ENDED:
                files.append({path.name for path in (tmp_path / "transfers" / transfer).iterdir()})

    async with gateway(Looking({"source": Ids([Row("a")]), "target": Ids()})) as opened:
        await opened.share()
    assert files == [{"extract", "outcomes.parquet", "delta.parquet"}]
