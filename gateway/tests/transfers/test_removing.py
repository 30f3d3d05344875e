"""Removing only: members of the source leave that transfers have delivered, and every row says what became of it."""

from __future__ import annotations

from audience_gateway.sdk import Outcome, Permanent, Reason, Transient, WriteResult
from audience_gateway.transfers.model import AudienceRef, GuardLimits, RemovalCount, TransferMode, TransferState
from systems import Ids, Record, Records, Row, Systems
from test_account import counts, reasons
from test_attributes import Wanting, told
from test_lost_replies import Finding, Forgetful

REMOVE = TransferMode.REMOVE_ONLY


def people(names: str) -> Ids:
    return Ids([Row(name) for name in names])


def systems(target: Ids, leaving: Ids, names: str = "abcde") -> Systems:
    """A target that is to get some people, and another source of those who are to leave it."""
    return Systems({"source": people(names), "leaving": leaving, "target": target})


async def leave(opened, **changes):
    return await opened.share(source=AudienceRef("leaving", "all"), mode=REMOVE, **changes)


async def test_members_of_the_source_leave_and_nobody_else(gateway):
    target = Ids(held={"x"})
    async with gateway(systems(target, people("bdx"))) as opened:
        await opened.share()
        transfer = await leave(opened)
        receipt = await opened.receipt(transfer)
    assert target.held == {"a", "c", "e", "x"}
    assert reasons(receipt) == {Reason.REMOVED: 2, Reason.NOT_MEMBER: 1}
    assert counts(receipt) == {Outcome.DELIVERED: 2, Outcome.UNCHANGED: 1}
    assert receipt.removals == RemovalCount(leavers=2, removed=2)


async def test_who_was_removed_is_added_again_by_a_share_that_has_them(gateway):
    target = Ids()
    async with gateway(systems(target, people("b"))) as opened:
        await opened.share()
        await leave(opened)
        receipt = await opened.receipt(await opened.share())
    assert (reasons(receipt), len(target.held)) == ({Reason.ADDED: 1, Reason.ALREADY_MEMBER: 4}, 5)


async def test_removing_twice_changes_nothing(gateway):
    target = Ids()
    async with gateway(systems(target, people("ab"))) as opened:
        await opened.share()
        await leave(opened)
        receipt = await opened.receipt(await leave(opened))
    assert (reasons(receipt), target.held) == ({Reason.NOT_MEMBER: 2}, {"c", "d", "e"})


async def test_rows_that_are_no_members_have_the_reasons_that_they_always_have(gateway):
    leaving = Ids([Row("a"), Row("A"), Row("bad"), Row(None), Row("unheard-of")])
    target = Records(index=[Record(name, name.upper()) for name in "abcde"])
    async with gateway(systems(target, leaving)) as opened:
        await opened.share()
        receipt = await opened.receipt(await leave(opened))
    assert reasons(receipt) == {
        Reason.REMOVED: 1,
        Reason.SAME_ID: 1,
        Reason.INVALID_ID: 1,
        Reason.NO_ID: 1,
        Reason.UNKNOWN_ID: 1,
    }
    assert target.held == set("BCDE")


async def test_who_does_not_want_to_be_shared_leaves_all_the_same(gateway):
    target = Records(index=[Record("a", "1"), Record("b", "2"), Record("c", "3")])
    leaving = Ids([Row("a", opted_out=True), Row("b")])
    async with gateway(systems(target, leaving, "abc")) as opened:
        await opened.share()
        target.index[1].opted_out = True
        receipt = await opened.receipt(await leave(opened))
    assert (reasons(receipt), target.held) == ({Reason.REMOVED: 2}, {"3"})


async def test_a_row_of_several_records_is_removed_if_any_of_them_was(gateway):
    target = Records(index=[Record("a", "1"), Record("both", "1"), Record("both", "2")])
    async with gateway(systems(target, Ids([Row("both")]), "a")) as opened:
        await opened.share()
        receipt = await opened.receipt(await leave(opened))
    assert (reasons(receipt), target.held) == ({Reason.REMOVED: 1}, set())


async def test_a_refused_removal_is_rejected_with_what_the_destination_said_and_stays_in_the_snapshot(gateway):
    target = Ids()
    async with gateway(systems(target, people("ab"))) as opened:
        await opened.share()
        target.refuses = {"b"}
        refused = await opened.receipt(await leave(opened))
        target.refuses = set()
        again = await opened.receipt(await leave(opened))
    assert reasons(refused) == {Reason.REMOVED: 1, Reason.REFUSED_BY_DESTINATION: 1}
    assert (reasons(again), target.held) == ({Reason.REMOVED: 1, Reason.NOT_MEMBER: 1}, {"c", "d", "e"})


async def test_a_retry_removes_what_was_refused(gateway):
    target = Ids()
    async with gateway(systems(target, people("ab"))) as opened:
        await opened.share()
        target.refuses = {"b"}
        refused = await leave(opened)
        target.refuses = set()
        receipt = await opened.receipt(await opened.ended(await opened.transfers.retry(refused.id)))
    assert (reasons(receipt), target.held) == ({Reason.REMOVED: 1}, {"c", "d", "e"})


async def test_a_removal_without_an_answer_is_in_doubt_and_sent_again(gateway):
    target = Forgetful(loses={3})
    async with gateway(systems(target, people("ab"))) as opened:
        await opened.share()
        doubtful = await opened.receipt(await leave(opened))
        settled = await opened.receipt(await leave(opened))
    assert (reasons(doubtful), doubtful.removals) == ({Reason.IN_DOUBT: 2}, RemovalCount(leavers=2, in_doubt=2))
    assert reasons(settled) == {Reason.REMOVED: 2}


async def test_a_lost_reply_to_a_removal_is_reconciled_by_reading_back(gateway):
    target = Finding(loses={3})
    async with gateway(systems(target, people("ab"))) as opened:
        await opened.share()
        receipt = await opened.receipt(await leave(opened))
    assert (reasons(receipt), target.held) == ({Reason.REMOVED: 2}, {"c", "d", "e"})


async def test_removals_that_were_not_sent_are_withheld(gateway):
    target = Ids()
    async with gateway(systems(target, people("abcd"))) as opened:
        await opened.share()
        removals: list[str] = []

        def fail(call):
            removals.append(call)
            if removals.count("remove") == 2:
                raise Permanent("full")

        target.fail = fail
        limits = GuardLimits(removed_rows=10, removed_share=1.0)
        transfer = await leave(opened, guard=limits)
        receipt = await opened.receipt(transfer)
    assert transfer.state is TransferState.FAILED
    assert reasons(receipt) == {Reason.REMOVED: 3, Reason.NOT_SENT: 1}


async def test_too_many_removals_are_withheld_until_the_limit_is_raised(gateway):
    target = Ids()
    async with gateway(systems(target, people("abc"))) as opened:
        await opened.share()
        transfer = await leave(opened)
        held = set(target.held)
        await leave(opened, guard=GuardLimits(removed_rows=10, removed_share=1.0))
    assert (transfer.state, held) == (TransferState.WITHHELD, set("abcde"))
    assert reasons(transfer) == {Reason.TOO_MANY_REMOVALS: 3}
    assert target.held == {"d", "e"}


async def test_an_empty_source_removes_nobody_and_is_no_accident(gateway):
    target = Ids()
    async with gateway(systems(target, Ids())) as opened:
        await opened.share()
        transfer = await leave(opened)
    assert (transfer.state, len(target.held)) == (TransferState.SUCCEEDED, 5)


class Replacing:
    """Takes all members at once, and can neither add nor remove one."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.calls = 0

    async def open(self):
        return

    async def check(self):
        return ()

    async def close(self):
        return

    async def replace_members(self, audience, source, members, key):
        self.calls += 1
        self.held = [one async for batch in members for one in batch.targets.to_pylist()]
        return WriteResult(len(self.held))


async def test_a_destination_that_is_replaced_gets_those_who_stay(gateway):
    target = Replacing()
    async with gateway(systems(target, people("bx"))) as opened:
        await opened.share()
        receipt = await opened.receipt(await leave(opened))
    assert (sorted(target.held), target.calls) == (["a", "c", "d", "e"], 2)
    assert reasons(receipt) == {Reason.REMOVED: 1, Reason.NOT_MEMBER: 1}


async def test_a_destination_that_is_replaced_is_not_written_where_nobody_leaves(gateway):
    target = Replacing()
    async with gateway(systems(target, people("x"))) as opened:
        await leave(opened)
    assert target.calls == 0


async def test_a_connector_that_cannot_remove_says_so_before_anything_is_read(gateway):
    class AddingOnly(Ids):
        remove_members = None

    async with gateway(systems(AddingOnly(), people("a"))) as opened:
        transfer = await leave(opened)
    assert (transfer.state, transfer.failure.message) == (
        TransferState.FAILED,
        "connections/target/audiences/list: the connector cannot remove members",
    )


async def test_members_that_stay_keep_what_is_known_of_their_attributes(gateway):
    source, target = told(a="1", b="2", c="3"), Wanting()
    async with gateway(Systems({"source": source, "leaving": people("b"), "target": target})) as opened:
        await opened.share()
        removed = await opened.receipt(await leave(opened))
        again = await opened.receipt(await opened.share())
    assert reasons(removed) == {Reason.REMOVED: 1}
    assert reasons(again) == {Reason.ADDED: 1, Reason.ALREADY_MEMBER: 2}


async def test_an_outage_before_the_first_removal_is_tried_again(gateway):
    target = Ids()
    failures = [Transient("cut", sent=False)]

    def fail(call):
        if call == "remove" and failures:
            raise failures.pop()

    async with gateway(systems(target, people("a"))) as opened:
        await opened.share()
        target.fail = fail
        receipt = await opened.receipt(await leave(opened))
    assert reasons(receipt) == {Reason.REMOVED: 1}
