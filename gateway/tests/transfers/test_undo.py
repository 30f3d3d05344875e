"""Undoing takes back what a transfer has changed, as long as nobody has changed the destination since."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audience_gateway.sdk import ConfigError, Outcome, Permanent, Reason
from audience_gateway.transfers.model import AudienceRef, GuardLimits, RemovalCount, TransferMode, TransferState
from audience_gateway.transfers.service import OutcomeQuery, TransferNotEnded
from audience_gateway.transfers.undo import NotUndoable
from systems import Ids, Record, Records, Row, Systems
from test_account import counts, reasons
from test_attributes import Wanting, told
from test_control import Gated
from test_failures import REQUEST_ID
from test_lost_replies import Forgetful
from test_removing import Replacing

from conftest import request

ANY = GuardLimits(removed_rows=1000, removed_share=1.0)


def people(names: str) -> list[Row]:
    return [Row(name) for name in names]


async def undone(opened, transfer):
    return await opened.ended(await opened.transfers.undo(transfer.id))


async def shared_twice(opened, source, first="abc", second="bcde"):
    """Shares some people and then others; answers the second transfer."""
    source.rows = people(first)
    await opened.share()
    source.rows = people(second)
    return await opened.share(guard=ANY)


async def test_who_was_added_is_removed_and_who_was_removed_is_added_back(gateway):
    source, target = Ids(), Ids(held={"x"})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        second = await shared_twice(opened, source)
        undo = await undone(opened, second)
        receipt = await opened.receipt(undo)
    assert target.held == {"a", "b", "c", "x"}
    assert (undo.state, undo.request.mode) == (TransferState.SUCCEEDED, TransferMode.UNDO)
    assert str(undo.request.source) == f"transfers/{second.id}"
    assert (receipt.rows_read, reasons(receipt)) == (3, {Reason.ADDED: 1, Reason.REMOVED: 2})
    assert (counts(receipt), receipt.removals) == ({Outcome.DELIVERED: 3}, RemovalCount(leavers=2, removed=2))


async def test_each_member_that_was_taken_back_has_its_outcome(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        undo = await undone(opened, await shared_twice(opened, source))
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=undo.id))
    assert sorted(row.reason for row in rows) == [Reason.ADDED, Reason.REMOVED, Reason.REMOVED]
    assert len({row.id_fingerprint for row in rows}) == 3


async def test_a_first_share_is_taken_back_whatever_the_guard_says(gateway):
    target = Ids()
    async with gateway(Systems({"source": Ids(people("abcdefgh")), "target": target})) as opened:
        undo = await undone(opened, await opened.share())
    assert (undo.state, target.held) == (TransferState.SUCCEEDED, set())


async def test_records_are_taken_back_without_looking_their_ids_up(gateway):
    looked_up: list[int] = []

    class Noting(Records):
        async def read_index(self, request):
            looked_up.append(1)
            async for page in super().read_index(request):
                yield page

    source, target = Ids(), Noting(index=[Record(name, name.upper()) for name in "abcde"])
    async with gateway(Systems({"source": source, "target": target})) as opened:
        second = await shared_twice(opened, source)
        looked_up.clear()
        receipt = await opened.receipt(await undone(opened, second))
    assert (target.held, looked_up) == (set("ABC"), [])
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.REMOVED: 2}


@pytest.mark.parametrize("by", ["row", "record"])
async def test_nobody_who_has_opted_out_is_added_back(gateway, by):
    source, target = Ids(people("abc")), Records(index=[Record(name, name.upper()) for name in "abc"])
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row("b", opted_out=by == "row"), Row("c")]
        target.index[1].opted_out = by == "record"
        second = await opened.share(guard=ANY)
        receipt = await opened.receipt(await undone(opened, second))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.OPTED_OUT: 1}
    assert target.held == {"A", "C"}


async def test_an_id_that_has_opted_out_is_not_added_back_where_nothing_reconciles(gateway):
    source, target = Ids(people("abc")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row("b", opted_out=True), Row("c")]
        second = await opened.share(guard=ANY)
        receipt = await opened.receipt(await undone(opened, second))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.OPTED_OUT: 1}
    assert target.held == {"a", "c"}


async def test_an_undo_can_be_undone(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        undo = await undone(opened, await shared_twice(opened, source))
        receipt = await opened.receipt(await undone(opened, undo))
        again = await opened.receipt(await opened.share())
    assert (target.held, reasons(receipt)) == (set("bcde"), {Reason.REMOVED: 1, Reason.ADDED: 2})
    assert reasons(again) == {Reason.ALREADY_MEMBER: 4}


async def test_removing_only_can_be_undone(gateway):
    source, target = Ids(people("abc")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = people("ab")
        await undone(opened, await opened.share(mode=TransferMode.REMOVE_ONLY))
    assert target.held == set("abc")


async def test_a_destination_that_is_replaced_gets_its_former_members(gateway):
    source, target = Ids(), Replacing()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        receipt = await opened.receipt(await undone(opened, await shared_twice(opened, source)))
    assert (sorted(target.held), reasons(receipt)) == (["a", "b", "c"], {Reason.ADDED: 1, Reason.REMOVED: 2})


async def test_a_transfer_is_not_undone_once_another_one_has_changed_the_destination(gateway):
    source = Ids()
    async with gateway(Systems({"source": source, "target": Ids()})) as opened:
        second = await shared_twice(opened, source)
        source.rows = people("bcdef")
        third = await opened.share()
        with pytest.raises(NotUndoable, match=f"transfers/{third.id} has changed the destination since"):
            await opened.transfers.undo(second.id)
        await undone(opened, third)


async def test_another_destination_does_not_matter(gateway):
    source, target = Ids(people("ab")), Ids()
    async with gateway(Systems({"source": source, "target": target, "other": Ids()})) as opened:
        first = await opened.share()
        await opened.share(destination=AudienceRef("other", "list"))
        assert (await undone(opened, first)).state is TransferState.SUCCEEDED
    assert target.held == set()


async def test_a_share_that_waits_before_the_undo_ends_it_with_the_reason(gateway):
    source, target = Ids(people("a")), Gated()
    target.opened.set()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        first = await opened.share()
        source.rows = people("ab")
        target.opened.clear()
        target.reached.clear()
        between = await opened.transfers.start(request())
        await target.reached.wait()
        undo = await opened.transfers.undo(first.id)
        target.opened.set()
        ended = await opened.ended(undo)
    assert (ended.state, target.held) == (TransferState.FAILED, {"a", "b"})
    assert f"transfers/{between.id} has changed the destination since" in ended.failure.message


async def test_what_changed_nothing_or_goes_on_is_not_undone(gateway):
    source, target = Ids(people("a")), Gated()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        started = await opened.transfers.start(request())
        await target.reached.wait()
        with pytest.raises(TransferNotEnded):
            await opened.transfers.undo(started.id)
        target.opened.set()
        await opened.ended(started)
        unchanged = await opened.share()
        with pytest.raises(NotUndoable, match="it changed nothing"):
            await opened.transfers.undo(unchanged.id)


async def test_members_with_attributes_are_not_undone_for_what_they_were_is_not_known(gateway):
    async with gateway(Systems({"source": told(a="1", b="2"), "target": Wanting()})) as opened:
        shared = await opened.share()
        with pytest.raises(NotUndoable, match="attributes"):
            await opened.transfers.undo(shared.id)


async def test_undoing_again_goes_on_where_an_undo_did_not_get_to_its_end(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        second = await shared_twice(opened, source)
        target.refuses = {"d", "a"}
        partly = await opened.receipt(await undone(opened, second))
        held = set(target.held)
        target.refuses = set()
        wholly = await opened.receipt(await undone(opened, second))
    assert (held, target.held) == ({"b", "c", "d"}, {"a", "b", "c"})
    assert reasons(partly) == {Reason.REFUSED_BY_DESTINATION: 2, Reason.REMOVED: 1}
    assert reasons(wholly) == {Reason.ADDED: 1, Reason.REMOVED: 1, Reason.NOT_MEMBER: 1}


async def test_an_undo_is_not_retried_but_made_again(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        second = await shared_twice(opened, source)
        target.refuses = {"d"}
        undo = await undone(opened, second)
        with pytest.raises(ConfigError) as error:
            await opened.transfers.retry(undo.id)
    assert error.value.remedy == f"Undo transfers/{second.id} again: what is taken back is not sent twice."


async def test_what_a_failed_transfer_had_delivered_is_taken_back(gateway):
    target = Ids()
    writes: list[str] = []

    def fail(call):
        writes.append(call)
        if call == "write" and writes.count("write") == 2:
            raise Permanent("full")

    target.fail = fail
    async with gateway(Systems({"source": Ids(people("abcdefgh")), "target": target})) as opened:
        failed = await opened.share()
        held = len(target.held)
        await undone(opened, failed)
    assert (failed.state, held, target.held) == (TransferState.FAILED, 3, set())


async def test_members_in_doubt_are_taken_back_too(gateway):
    source, target = Ids(people("abc")), Forgetful()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows, target.loses = people("bcd"), {2, 3}  # the adding of d and the removal of a
        doubtful = await opened.share(guard=ANY)
        receipt = await opened.receipt(await undone(opened, doubtful))
    assert (target.held, reasons(receipt)) == (set("abc"), {Reason.ADDED: 1, Reason.REMOVED: 1})


async def test_an_undo_of_the_same_request_is_the_same_transfer_even_when_it_could_not_be_made_again(gateway):
    source = Ids()
    async with gateway(Systems({"source": source, "target": Ids()})) as opened:
        second = await shared_twice(opened, source)
        first = await opened.ended(await opened.transfers.undo(second.id, request_id=REQUEST_ID))
        source.rows = people("z")
        await opened.share(guard=ANY)
        again = await opened.transfers.undo(second.id, request_id=REQUEST_ID)
    assert again.id == first.id


async def test_an_undo_that_was_stopped_goes_on_without_the_rows_of_what_it_takes_back(gateway, tmp_path):
    source, target = Ids(), Gated()
    target.opened.set()
    systems = Systems({"source": source, "target": target})
    async with gateway(systems) as opened:
        second = await shared_twice(opened, source)
        target.opened.clear()
        target.reached.clear()
        undo = await opened.transfers.undo(second.id)
        await target.reached.wait()
    (tmp_path / "transfers" / second.id / "delta.parquet").unlink()
    target.opened.set()
    async with gateway(systems) as opened:
        ended = await opened.ended(undo)
        receipt = await opened.receipt(ended)
    assert (ended.state, target.held) == (TransferState.SUCCEEDED, set("abc"))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.REMOVED: 2}


async def test_a_delta_whose_members_have_numbers_can_be_taken_back(gateway, tmp_path):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        second = await shared_twice(opened, source)
        path = tmp_path / "transfers" / second.id / "delta.parquet"
        changed = pq.read_table(path)
        pq.write_table(changed.add_column(0, "row", pa.array([9, 7, 7])), path)  # as an erasure once left them
        await undone(opened, second)
    assert target.held == set("abc")
