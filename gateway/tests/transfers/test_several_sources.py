"""Rows with ids of several data sources: each goes by the first whose id the destination knows, and says by which."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from at_once import few, shares
from audience_gateway.sdk import CandidatePolicy, ConfigError, Outcome, Reason
from audience_gateway.transfers.match_report import MatchClass, source_match
from audience_gateway.transfers.model import StreamRef, TransferMode, TransferState
from audience_gateway.transfers.received import Received
from audience_gateway.transfers.service import OutcomeQuery
from hypothesis import given
from hypothesis import strategies as st
from systems import Ids, Record, Records, Row
from test_suppressed import suppress


@dataclass
class Several(Ids):
    """Reads rows with further ids."""

    async def check_several_ids(self, audience, sources):
        self.asked = [source.name for source in sources]

    async def read_members(self, request):
        done = int(request.after or 0)
        async for page in super().read_members(request):
            rows = self.rows[done : done + len(page.members)]
            done += len(rows)
            if request.further:
                columns = [
                    pa.array([row.further[at] if row.further else None for row in rows], pa.string())
                    for at in range(len(request.further))
                ]
                page = replace(  # noqa: PLW2901  # with what belongs to it
                    page, further_ids=pa.record_batch(columns, names=[source.name for source in request.further])
                )
            yield page


@dataclass
class Known(Records):
    """Records with ids of several data sources, told by what stands before the first colon of an id."""

    async def read_index(self, request):
        everything = self.index
        mine = [one for one in everything if one.id.partition(":")[0] == request.source.name]
        self.index = [replace(one, id=one.id.partition(":")[2]) for one in mine]
        try:
            async for page in super().read_index(request):
                yield page
        finally:
            self.index = everything


def known(*entries, **settings):
    """A target that knows records: `source:id record`, opted out if that ends on a bang."""
    index = [
        Record(id_, target.rstrip("!"), opted_out=target.endswith("!"))
        for id_, target in (entry.split() for entry in entries)
    ]
    return Known(index=index, **settings)


def row(*ids, **settings):
    """A row with an id of each data source."""
    return Row(ids[0], further=ids[1:], **settings)


def outcomes(opened, transfer):
    """Reason and data source of each row."""
    rows = opened.runner.run(opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id)))
    return [(one.reason.value, one.data_source) for one in rows]


def shared(target, *rows, then=("second",), **options):
    """What the rows of a share ended in, and by which data source they went."""
    with shares(target, source=Several()) as opened:
        return outcomes(opened, opened.share(list(rows), then=then, **options))


def test_the_first_id_that_is_known_counts_and_each_row_says_which_it_was():
    target = known("plain:a 1", "second:b 2", "second:c 3")
    found = shared(target, row("a", "b"), row("x", "b"), row(None, "c"))
    assert found == [("added", "plain"), ("added", "second"), ("added", "second")]
    assert target.held == {"1", "2", "3"}


def test_an_id_that_is_no_good_lets_the_next_one_count():
    found = shared(known("second:b 2"), row("bad", "b"))
    assert found == [("added", "second")]


def test_an_id_of_one_data_source_is_never_taken_for_that_of_another():
    assert shared(known("second:a 1"), row("a", "x")) == [("unknown_id", "plain")]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (("x", "y"), ("unknown_id", "plain")),
        (("x", "bad"), ("unknown_id", "plain")),
        (("bad", "y"), ("unknown_id", "second")),
        ((None, "y"), ("unknown_id", "second")),
        ((None, "bad"), ("invalid_id", "second")),
        (("bad", None), ("invalid_id", "plain")),
        ((None, None), ("no_id", "plain")),
    ],
)
def test_where_none_is_known_the_row_goes_by_the_id_that_says_most(ids, expected):
    assert shared(known("plain:z 1"), row(*ids)) == [expected]


def test_who_has_opted_out_by_one_id_is_not_looked_for_by_another():
    target = known("plain:a 1!", "second:b 2")
    assert shared(target, row("a", "b")) == [("opted_out", "plain")]
    assert target.held == set()


def test_whoever_must_not_be_shared_by_one_id_is_not_shared_by_another_that_the_row_goes_by():
    target = known("plain:a 1", "plain:c 3")
    with shares(target, source=Several()) as opened:
        opened.runner.run(suppress(opened.state, "b", source="second"))
        transfer = opened.share([row("a", "b"), row("c", "d")], then=("second",))
        [(reason, source), other] = outcomes(opened, transfer)
    assert (Reason(reason).outcome, source, other) == (Outcome.SUPPRESSED, "plain", ("added", "plain"))
    assert target.held == {"3"}


def test_what_was_received_is_noted_by_every_id_of_a_row():
    with shares(known("plain:a 1"), source=Several()) as opened:
        opened.share([row("a", "b"), row("x", "y")], then=("second",))
        noted = {
            one.data_source: pq.read_table(path).num_rows
            for one, path in Received(opened.state / "received").receivers()
        }
    assert noted == {"plain": 1, "second": 1}


def test_an_id_of_several_records_is_ambiguous_and_not_looked_for_by_another():
    target = known("plain:a 1", "plain:a 2", "second:b 3")
    assert shared(target, row("a", "b"), policy=CandidatePolicy.REJECT) == [("ambiguous_id", "plain")]


def test_a_row_that_cannot_be_read_goes_by_none():
    found = shared(known("second:b 2"), row(None, "b", defect=Reason.MALFORMED_ROW), row("x", "b"))
    assert found == [("malformed_row", ""), ("added", "second")]


def test_rows_that_meet_in_a_record_by_different_ids_are_one_member():
    found = shared(known("plain:a 1", "second:b 1"), row("a", None), row("x", "b"), row("a", "b"))
    assert found == [("added", "plain"), ("same_target", "second"), ("same_id", "plain")]


def test_three_data_sources_are_tried_in_their_order():
    target = known("plain:a 1", "second:b 2", "third:c 3")
    found = shared(target, row("a", "b", "c"), row("x", "b", "c"), row("x", "y", "c"), then=("second", "third"))
    assert [source for _, source in found] == ["plain", "second", "third"]


def test_the_receipt_counts_rows_by_data_source_and_so_does_the_match_report():
    with shares(known("plain:a 1", "second:b 2"), source=Several()) as opened:
        rows = [row("a", "b"), row("x", "b"), row("x", "bad"), row(None, None, defect=Reason.MALFORMED_ROW)]
        receipt = opened.receipt(opened.share(rows, then=("second",)))
    counts = {one.data_source: (one.rows, one.reasons) for one in receipt.by_source}
    assert counts == {"plain": (2, {Reason.ADDED: 1, Reason.UNKNOWN_ID: 1}), "second": (1, {Reason.ADDED: 1})}
    first = source_match(receipt.by_source[0])
    assert {one.match: one.rows for one in first.counts if one.rows} == {MatchClass.MATCHED: 1, MatchClass.UNMATCHED: 1}


def test_with_one_data_source_each_row_names_it_and_the_receipt_is_as_it_was():
    with shares(known("plain:a 1"), source=Several()) as opened:
        transfer = opened.share([row("a"), row("x")])
        assert outcomes(opened, transfer) == [("added", "plain"), ("unknown_id", "plain")]
        assert "data_sources" not in opened.receipt(transfer).canonical_json


def test_sharing_again_and_taking_back_go_by_records_and_not_by_ids():
    target = known("plain:a 1", "second:b 2")
    with shares(target, source=Several()) as opened:
        rows = [row("a", None), row("x", "b")]
        first = opened.share(rows, then=("second",))
        again = opened.share(rows, then=("second",))
        assert outcomes(opened, again) == [("already_member", "plain"), ("already_member", "second")]
        undone = opened.undo(first)
        assert (undone.state, target.held) == (TransferState.SUCCEEDED, set())


def test_refused_members_are_tried_again_by_the_same_ids():
    target = known("plain:a 1", "second:b 2", refuses={"2"})
    with shares(target, source=Several()) as opened:
        refused = opened.share([row("a", None), row("x", "b")], then=("second",))
        target.refuses = set()
        again = opened.retry(refused)
        assert outcomes(opened, again) == [("added", "second")]
    assert target.held == {"1", "2"}


def test_removing_goes_by_the_same_order():
    target = known("plain:a 1", "second:b 2")
    with shares(target, source=Several()) as opened:
        opened.share([row("a", None), row("x", "b")], then=("second",))
        transfer = opened.share([row("y", "b")], TransferMode.REMOVE_ONLY, then=("second",))
        assert outcomes(opened, transfer) == [("removed", "second")]
    assert target.held == {"1"}


def failure(target, source, **options):
    with shares(target, source=source) as opened:
        transfer = opened.share([row("a", "b")], then=("second",), failing=True, **options)
        return transfer.failure


def test_a_source_that_reads_one_id_a_row_is_refused_with_what_to_do():
    found = failure(known("plain:a 1"), Ids())
    assert (found.reason, found.remedy[:21]) == ("CONFIG", "Name one data source;")


def test_a_destination_that_takes_ids_is_refused_with_what_to_do():
    found = failure(Ids(), Several())
    assert "one data source" in found.message
    assert found.remedy == "Name one data source."


def test_data_sources_for_other_purposes_serve_a_request_that_names_what_both_are_for():
    with shares(known("second:b 2"), source=Several()) as opened:
        opened.systems.changes |= {"plain": {"purposes": ("news", "mail")}, "second": {"purposes": ("news",)}}
        transfer = opened.share([row("a", "b")], then=("second",), purposes=("news",))
        assert outcomes(opened, transfer) == [("added", "second")]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"targeting_dimension": "nms:visitor"}, "data_sources.second.targeting_dimension"),
        ({"expire_days": 3.0}, "data_sources.second.expire_days"),
        ({"purposes": ("news",)}, "data_sources.second.purposes"),
        ({"policy": CandidatePolicy.LATEST}, "data_sources.second.policy"),
    ],
)
def test_data_sources_that_do_not_go_together_are_refused_at_once(changes, place):
    with shares(known(), source=Several()) as opened:
        opened.systems.changes["second"] = changes
        with pytest.raises(ConfigError) as error:
            opened.share([row("a", "b")], then=("second",), policy=None)
    assert error.value.place == place
    assert error.value.remedy


def test_a_data_source_is_named_once():
    with shares(known(), source=Several()) as opened, pytest.raises(ConfigError, match="twice"):
        opened.share([row("a", "a")], then=("plain",))


def test_streams_have_one_data_source_and_are_told_how_to_share_by_several():
    with shares(known(), source=Several()) as opened, pytest.raises(ConfigError, match="one id each") as caught:
        opened.share([], then=("second",), source=StreamRef("s-1"))
    assert caught.value.place == "dataSources/plain, dataSources/second"
    assert "share a file with a column for each" in caught.value.remedy


IDS = st.sampled_from(["a", "b", "c", "bad", None])
ROWS = st.lists(st.builds(lambda *ids, out: row(*ids, opted_out=out), IDS, IDS, out=st.booleans()), max_size=7)
ENTRIES = st.lists(
    st.builds("{}:{} {}{}".format, st.sampled_from(["plain", "second"]), st.sampled_from("abc"), st.sampled_from("123"),
              st.sampled_from(["", "", "!"])),
    max_size=7,
)  # fmt: skip


@few
@given(ENTRIES, ROWS)
def test_each_row_goes_by_one_id_and_as_if_it_had_no_other(entries, rows):
    target = known(*entries)
    with shares(target, source=Several()) as opened:
        transfer = opened.share(rows, then=("second",))
        found = outcomes(opened, transfer)
        receipt = opened.receipt(transfer)
    keys = {one.id for one in target.index}
    for one, (_, source) in zip(rows, found, strict=True):
        named = [f"{name}:{id_}" for name, id_ in zip(("plain", "second"), (one.id, *one.further), strict=True)]
        first_known = next((name.partition(":")[0] for name in named if name in keys), None)
        assert first_known in {None, source}
    assert sum(one.rows for one in receipt.by_source) == receipt.rows_read == len(rows)
    assert target.held == {
        record.target
        for one, (_, source) in zip(rows, found, strict=True)
        for record in target.index
        if not one.opted_out and record.id == f"{source}:{one.id if source == 'plain' else one.further[0]}"
        if not any(other.opted_out for other in target.index if (other.id, other.target) == (record.id, record.target))
    }
