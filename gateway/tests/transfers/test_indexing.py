"""Transfers go by an identity index that is kept from one to the next."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "identity"))

from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import Outcome, Reason, Transient
from audience_gateway.transfers import settle, snapshots
from audience_gateway.transfers.model import TransferState
from indexes import Watched
from systems import Ids, Record, Row, Systems

NARROW = IndexLimits(shrunk_rows=0, shrunk_share=0.4)


@pytest.fixture
def target():
    return Watched(index=[Record(name, name.upper()) for name in "abcde"])


def systems(target: Watched) -> Systems:
    return Systems({"source": Ids([Row(name) for name in "abcxyz"]), "target": target})


async def test_a_transfer_reads_only_what_has_changed_since_the_last_one(gateway, target):
    async with gateway(systems(target)) as opened:
        await opened.share()
        target.put(Record("x", "X"))
        target.drop("A")
        await opened.share()
    assert target.readings == ["everything", "changes"]
    assert target.held == {"B", "C", "X"}


async def test_a_fresh_index_is_used_as_it_is(gateway, target):
    async with gateway(systems(target), IndexLimits(fresh=timedelta(hours=1))) as opened:
        await opened.share()
        target.put(Record("x", "X"))
        await opened.share()
    assert (target.readings, target.held) == (["everything"], {"A", "B", "C"})


async def test_a_transfer_whose_index_has_shrunk_too_much_changes_nothing_and_says_why(gateway, target):
    async with gateway(systems(target), NARROW) as opened:
        await opened.share()
        for gone in "ABC":
            target.drop(gone)
        failed = await opened.share()
        receipt = await opened.receipt(failed)
    assert (failed.state, failed.failure.reason) == (TransferState.FAILED, "PERMANENT")
    assert "connections/target by dataSources/plain: " in failed.failure.message
    assert "from 5 entries to 2" in failed.failure.message
    assert {count.outcome: count.rows for count in receipt.outcomes if count.rows} == {Outcome.WITHHELD: 6}
    assert target.held == {"A", "B", "C"}


async def test_a_loss_that_the_settings_allow_is_put_to_use(gateway, target):
    for limits in (NARROW, NARROW, IndexLimits(shrunk_rows=3)):
        async with gateway(systems(target), limits) as opened:
            last = await opened.share()
        for gone in "ADE":
            target.drop(gone)
    assert (last.state, target.held) == (TransferState.SUCCEEDED, {"B", "C"})


async def test_reading_goes_on_behind_the_last_chunk_when_it_failed_in_passing(gateway, target):
    after = []

    async def failing_once(request, read=target.read_index):
        after.append(request.after)
        async for page in read(request):
            if page.resume_token == "4" and len(after) == 1:
                raise Transient("gone for a moment")
            yield page

    target.read_index, target.index = failing_once, [Record(str(n), str(n)) for n in range(9)] + target.index
    async with gateway(systems(target)) as opened:
        await opened.share()
    assert (after, target.held) == ([None, None], {"A", "B", "C"})


async def test_an_id_that_too_many_records_have_ends_unmatched_and_nobody_is_added(gateway, target):
    target.put(*(Record("a", str(number)) for number in range(2)))
    async with gateway(systems(target), people=PeopleLimits(too_many=2)) as opened:
        receipt = await opened.receipt(await opened.share())
    unmatched = next(count for count in receipt.outcomes if count.outcome is Outcome.UNMATCHED)
    assert unmatched.reasons == {Reason.CROWDED_ID: 1, Reason.UNKNOWN_ID: 3}
    assert target.held == {"B", "C"}


async def test_snapshots_and_chunks_say_which_recipes_have_made_their_keys(gateway, tmp_path, monkeypatch):
    shop = Ids()
    async with gateway(Systems({"source": Ids([Row("a")]), "target": shop})) as opened:
        await opened.share()
        monkeypatch.setattr(settle, "recipe_label", lambda source: "trim@2")
        opened.transfers._worker.connections.systems["source"].rows.append(Row("b"))
        await opened.share()
    made = [snapshots.recipes(path) for path in sorted(tmp_path.glob("snapshots/*/*.parquet"))]
    assert made == [{"trim@1"}, {"trim@1", "trim@2"}]
