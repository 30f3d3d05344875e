"""Mode delta: rows say who joins and who leaves, the last one of a person counts, and every row has its outcome."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import CandidatePolicy, ConfigError, Outcome, Permanent, Reason
from audience_gateway.transfers.model import RemovalCount, TransferMode, TransferState
from systems import Ids, Record, Records, Row, Systems
from test_account import counts, reasons
from test_attributes import Wanting, told
from test_lost_replies import Forgetful
from test_removing import Replacing
from test_undo import undone

DELTA = TransferMode.DELTA
OTHERS = [TransferMode.REPLACE, TransferMode.ADD_ONLY]


def said(*texts: str) -> list[Row]:
    """Rows such as `+a`, who joins, and `-a`, who leaves."""
    return [Row(text[1:], leaves=text[0] == "-") for text in texts]


def systems(target, *texts: str) -> Systems:
    return Systems({"source": Ids(said(*texts)), "target": target})


async def after(opened, source, names: str, *texts: str, **changes):
    """Shares some people, and then changes; answers the second transfer."""
    source.rows = said(*(f"+{name}" for name in names))
    await opened.share()
    source.rows = said(*texts)
    return await opened.share(mode=DELTA, **changes)


async def test_who_joins_is_added_who_leaves_is_removed_and_all_others_stay(gateway):
    source, target = Ids(), Ids(held={"x"})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        receipt = await opened.receipt(await after(opened, source, "abc", "+d", "-a", "+b", "-x"))
        again = await opened.receipt(await opened.share(mode=DELTA))
    assert target.held == {"b", "c", "d", "x"}
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.REMOVED: 1, Reason.ALREADY_MEMBER: 1, Reason.NOT_MEMBER: 1}
    assert counts(receipt) == {Outcome.DELIVERED: 2, Outcome.UNCHANGED: 2}
    assert receipt.removals == RemovalCount(leavers=1, removed=1)
    assert reasons(again) == {Reason.ALREADY_MEMBER: 2, Reason.NOT_MEMBER: 2}


@pytest.mark.parametrize(
    ("texts", "held", "expected"),
    [
        (["+d", "-d"], "abc", {Reason.SUPERSEDED: 1, Reason.NOT_MEMBER: 1}),
        (["-a", "+a"], "abc", {Reason.SUPERSEDED: 1, Reason.ALREADY_MEMBER: 1}),
        (["+a", "-a", "+b", "-A"], "bc", {Reason.SUPERSEDED: 2, Reason.ALREADY_MEMBER: 1, Reason.REMOVED: 1}),
        (["+d", "+d", "+D"], "abcd", {Reason.SUPERSEDED: 2, Reason.ADDED: 1}),
    ],
)
async def test_the_last_row_of_an_id_counts(gateway, texts, held, expected):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        receipt = await opened.receipt(await after(opened, source, "abc", *texts))
    assert (target.held, reasons(receipt)) == (set(held), expected)


@pytest.mark.parametrize(
    ("texts", "held", "expected"),
    [
        (["+mail", "-card"], set(), {Reason.SAME_TARGET: 1, Reason.NOT_MEMBER: 1}),
        (["-mail", "+card"], {"1"}, {Reason.SAME_TARGET: 1, Reason.ADDED: 1}),
    ],
)
async def test_the_last_row_of_a_record_counts_whatever_id_it_has(gateway, texts, held, expected):
    target = Records(index=[Record("mail", "1"), Record("card", "1")])
    async with gateway(systems(target, *texts)) as opened:
        receipt = await opened.receipt(await opened.share(mode=DELTA))
    assert (target.held, reasons(receipt)) == (held, expected)


async def test_a_row_of_several_records_adds_those_that_no_later_row_removes(gateway):
    target = Records(index=[Record("both", "1"), Record("both", "2"), Record("one", "1")])
    async with gateway(systems(target, "+both", "-one")) as opened:
        receipt = await opened.receipt(await opened.share(policy=CandidatePolicy.ALL, mode=DELTA))
    assert (target.held, reasons(receipt)) == ({"2"}, {Reason.ADDED: 1, Reason.NOT_MEMBER: 1})


async def test_rows_that_are_no_members_have_the_reasons_that_they_always_have(gateway):
    target = Records(index=[Record("a", "A")])
    source = Ids([*said("+a", "-bad", "-unheard-of", "+nobody"), Row(None, leaves=True)])
    async with gateway(Systems({"source": source, "target": target})) as opened:
        receipt = await opened.receipt(await opened.share(mode=DELTA))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.INVALID_ID: 1, Reason.UNKNOWN_ID: 2, Reason.NO_ID: 1}


@pytest.mark.parametrize("by", ["row", "record"])
async def test_who_has_opted_out_leaves_and_does_not_join_or_come_back(gateway, by):
    source, target = Ids(), Records(index=[Record("a", "1"), Record("b", "2"), Record("c", "3")])
    async with gateway(Systems({"source": source, "target": target})) as opened:
        source.rows = said("+a")
        await opened.share()
        source.rows = [
            Row("a", opted_out=by == "row", leaves=True),
            Row("b", opted_out=by == "row"),
            Row("c"),
        ]
        for record in target.index[:2]:
            record.opted_out = by == "record"
        transfer = await opened.share(mode=DELTA)
        receipt = await opened.receipt(transfer)
        held = set(target.held)
        back = await opened.receipt(await undone(opened, transfer))
    assert (held, reasons(receipt)) == ({"3"}, {Reason.REMOVED: 1, Reason.OPTED_OUT: 1, Reason.ADDED: 1})
    assert (target.held, reasons(back)) == (set(), {Reason.REMOVED: 1, Reason.OPTED_OUT: 1})


async def test_no_changes_are_no_accident(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        transfer = await after(opened, source, "abc")
        receipt = await opened.receipt(transfer)
    assert (transfer.state, receipt.rows_read, target.held) == (TransferState.SUCCEEDED, 0, set("abc"))


async def test_too_many_removals_withhold_all_of_it_and_no_later_changes_go_before(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        transfer = await after(opened, source, "abcd", "-a", "-b", "-c", "+e")
        held = set(target.held)
        overtaking = await opened.share(mode=DELTA)
        await opened.ended(await opened.transfers.release(transfer.id, "they have cancelled"))
    assert (transfer.state, held) == (TransferState.WITHHELD, set("abcd"))
    assert reasons(transfer) == {Reason.TOO_MANY_REMOVALS: 4}
    assert (overtaking.state, target.held) == (TransferState.FAILED, {"d", "e"})


async def test_changes_can_be_undone_and_the_undo_too(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        undo = await undone(opened, await after(opened, source, "abc", "+d", "-a", "-b", "+c"))
        held = set(target.held)
        receipt = await opened.receipt(undo)
        await undone(opened, undo)
    assert (held, reasons(receipt)) == (set("abc"), {Reason.REMOVED: 1, Reason.ADDED: 2})
    assert target.held == {"c", "d"}


async def test_a_retry_adds_and_removes_what_was_refused(gateway):
    source, target = Ids(), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        source.rows = said("+a", "+b")
        await opened.share()
        target.refuses = {"a", "c"}
        source.rows = said("-b", "+c", "-a", "+d")
        refused = await opened.share(mode=DELTA)
        target.refuses = set()
        receipt = await opened.receipt(await opened.ended(await opened.transfers.retry(refused.id)))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.REMOVED: 1}
    assert target.held == {"c", "d"}


async def test_changes_are_not_retried_once_later_ones_were_applied(gateway):
    source, target = Ids(), Ids(refuses={"a"})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        refused = await after(opened, source, "bc", "+a", "+d")
        target.refuses = set()
        source.rows = said("-a", "-b")
        later = await opened.share(mode=DELTA)
        with pytest.raises(ConfigError, match=f"transfers/{later.id} has changed the destination since"):
            await opened.transfers.retry(refused.id)
    assert target.held == {"c", "d"}


async def test_changes_without_an_answer_are_in_doubt_and_sent_again(gateway):
    source, target = Ids(), Forgetful(loses={2, 3})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        doubtful = await opened.receipt(await after(opened, source, "a", "-a", "+b"))
        settled = await opened.receipt(await opened.share(mode=DELTA))
    assert reasons(doubtful) == {Reason.IN_DOUBT: 2}
    assert reasons(settled) == {Reason.REMOVED: 1, Reason.ADDED: 1}


async def test_what_was_not_sent_is_withheld(gateway):
    source, target = Ids(), Ids()

    def fail(call):
        if call == "remove":
            raise Permanent("full")

    async with gateway(Systems({"source": source, "target": target})) as opened:
        target.fail = fail
        receipt = await opened.receipt(await after(opened, source, "ab", "-a", "+c"))
    assert reasons(receipt) == {Reason.ADDED: 1, Reason.NOT_SENT: 1}


async def test_a_destination_that_is_replaced_gets_who_stays_and_who_joins(gateway):
    source, target = Ids(), Replacing()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        receipt = await opened.receipt(await after(opened, source, "abc", "-b", "+d", "+a"))
        await after(opened, source, "acd")
    assert (sorted(target.held), target.calls) == (["a", "c", "d"], 2)
    assert reasons(receipt) == {Reason.REMOVED: 1, Reason.ADDED: 1, Reason.ALREADY_MEMBER: 1}


async def test_attributes_go_with_those_who_join_or_have_others_now(gateway):
    source, target = told(a="1", b="2", c="3"), Wanting()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        changed = told(a="1", b="9", d="4")
        source.values, source.rows = changed.values | {"c": {}}, [*changed.rows, *said("-c")]
        receipt = await opened.receipt(await opened.share(mode=DELTA))
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.ADDED: 2, Reason.REMOVED: 1}
    assert target.held == {"a", "b", "d"}


async def test_a_connector_that_cannot_remove_says_so_before_anything_is_read(gateway):
    class AddingOnly(Ids):
        remove_members = None

    async with gateway(systems(AddingOnly(), "+a")) as opened:
        transfer = await opened.share(mode=DELTA)
    assert (transfer.state, transfer.failure.remedy) == (
        TransferState.FAILED,
        "Share in mode `add_only`: it removes nobody.",
    )


@pytest.mark.parametrize("mode", OTHERS)
async def test_in_another_mode_who_leaves_is_left_and_no_earlier_row_counts_for_him(gateway, mode):
    target = Ids()
    async with gateway(systems(target, "+a", "+b", "-a", "-c", "+c", "+d", "-e")) as opened:
        receipt = await opened.receipt(await opened.share(mode=mode))
    assert target.held == set("bcd")
    assert reasons(receipt) == {Reason.SUPERSEDED: 1, Reason.ADDED: 3, Reason.LEFT: 3}


class ChangesOnly(Ids):
    async def reads_changes(self, audience, source):
        return True


@pytest.mark.parametrize("mode", [TransferMode.REPLACE, TransferMode.REMOVE_ONLY])
async def test_changes_are_never_taken_for_all_members(gateway, mode):
    target = Ids()
    async with gateway(Systems({"source": ChangesOnly(said("+a")), "target": target})) as opened:
        transfer = await opened.share(mode=mode)
    assert (transfer.state, target.held) == (TransferState.FAILED, set())
    assert transfer.failure.message == (
        "connections/source/audiences/all: what is read of it is not its members, but who has joined and left"
    )
    assert "mode `delta`" in transfer.failure.remedy


@pytest.mark.parametrize("mode", [TransferMode.ADD_ONLY, DELTA])
async def test_changes_can_be_added(gateway, mode):
    target = Ids()
    async with gateway(Systems({"source": ChangesOnly(said("+a", "-b")), "target": target})) as opened:
        await opened.share(mode=mode)
    assert target.held == {"a"}
