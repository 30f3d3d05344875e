"""Transfers go by an identity index that is kept from one to the next."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "identity"))

from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import Outcome, Reason, Transient
from audience_gateway.transfers import snapshot_writing, snapshots
from audience_gateway.transfers.model import TransferState
from erasing import Clock, erasing_of, looked_after, people
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


async def test_a_record_that_got_a_second_id_since_is_claimed_by_one_row(gateway, target):
    async with gateway(systems(target)) as opened:
        await opened.share()
        target.put(Record("x", "A"))
        receipt = await opened.receipt(await opened.share())
    reasons = {reason: rows for count in receipt.outcomes for reason, rows in count.reasons.items() if rows}
    assert reasons == {Reason.ALREADY_MEMBER: 3, Reason.SAME_TARGET: 1, Reason.UNKNOWN_ID: 2}


@pytest.fixture
async def shrunken(gateway, target):
    """A gateway with a transfer to a destination whose index has shrunk since the last one."""
    async with gateway(systems(target), NARROW) as opened:
        await opened.share()
        for gone in "ABE":
            target.drop(gone)
        yield opened, await opened.share()


async def test_a_transfer_whose_index_has_shrunk_too_much_waits_and_says_why(shrunken, target):
    _, held = shrunken
    [finding, *_] = held.holds[0].findings
    assert (held.state, finding.reason) == (TransferState.WITHHELD, Reason.INDEX_SHRUNK)
    assert finding.message == (
        "connections/target by dataSources/plain: the identity index has shrunk from 5 entries to 2, more than "
        "`indexes` allows"
    )
    assert target.held == {"A", "B", "C"}


async def test_a_release_puts_the_shrunken_index_to_use_and_is_in_the_receipt(shrunken, target):
    opened, held = shrunken
    released = await opened.ended(await opened.transfers.release(held.id, "the table was cleaned up"))
    receipt = json.loads((await opened.receipt(released)).canonical_json)
    again = await opened.share()
    assert (released.state, again.state, target.held) == (TransferState.SUCCEEDED, TransferState.SUCCEEDED, {"C"})
    assert receipt["holds"][0]["release"]["reason"] == "the table was cleaned up"


async def test_without_a_release_the_index_before_stays(shrunken, target):
    opened, held = shrunken
    await opened.ended(await opened.transfers.cancel(held.id))
    again = await opened.share()
    assert (again.state, again.holds[0].findings[0].reason) == (TransferState.WITHHELD, Reason.INDEX_SHRUNK)
    for record in (Record("a", "A"), Record("b", "B")):
        target.put(record)
    assert (await opened.share()).state is TransferState.SUCCEEDED


async def test_an_erasure_waits_for_nobody_and_tries_again(shrunken, target, tmp_path):
    opened, _ = shrunken
    clock = Clock()
    eraser = erasing_of(opened.transfers, tmp_path, systems(target), clock)
    asked = await eraser.erase(people("c"))
    waiting = await looked_after(eraser, asked.erasure.id, opened.transfers)
    failure = waiting.targets[1].failure
    for record in (Record("a", "A"), Record("b", "B")):
        target.put(record)
    clock.ahead = timedelta(hours=2)
    erased = await looked_after(eraser, asked.erasure.id, opened.transfers)
    assert "has shrunk from 5 entries to 2" in failure.message
    assert (erased.ended is not None, target.held) == (True, {"A", "B"})


async def test_a_dry_run_tells_of_the_loss_and_changes_nothing(shrunken, target):
    opened, held = shrunken
    dry = await opened.share(dry_run=True)
    assert (dry.state, dry.holds[0].findings[0].reason) == (TransferState.SUCCEEDED, Reason.INDEX_SHRUNK)
    assert (await opened.transfers.get(held.id)).state is TransferState.WITHHELD


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
        monkeypatch.setattr(snapshot_writing, "recipe_label", lambda source: "trim@2")
        opened.transfers._worker.connections.systems["source"].rows.append(Row("b"))
        await opened.share()
    made = [snapshots.recipes(path) for path in sorted(tmp_path.glob("snapshots/*/*.parquet"))]
    assert made == [{"trim@1"}, {"trim@1", "trim@2"}]
