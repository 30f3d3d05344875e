"""A write whose reply was lost is sent again, reconciled by reading back, or in doubt: as its connector promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from audience_gateway.sdk import Reason, Transient, WritePromise, WriteRequest, WriteResult
from audience_gateway.transfers.model import GuardLimits, RemovalCount, TransferState
from systems import Ids, Row, Systems
from test_account import reasons


@dataclass
class Forgetful(Ids):
    """Takes every member, and loses the replies of the writes and removals of the given numbers."""

    loses: set[int] = field(default_factory=set)
    promise: WritePromise = WritePromise.AT_LEAST_ONCE
    sent: list[tuple[str, list[str]]] = field(default_factory=list)

    def write_promise(self) -> WritePromise:
        return self.promise

    async def write_members(self, request: WriteRequest) -> WriteResult:
        return self._answer(request, await super().write_members(request))

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        return self._answer(request, await super().remove_members(request))

    def _answer(self, request: WriteRequest, result: WriteResult) -> WriteResult:
        self.sent.append((request.key.partition("/")[2], sorted(request.batch.targets.to_pylist())))
        if len(self.sent) in self.loses:
            raise Transient("the reply was cut")
        return result


@dataclass
class Finding(Forgetful):
    """Says who is a member."""

    async def find_members(self, request: WriteRequest) -> Sequence[int]:
        return [index for index, name in enumerate(request.batch.targets.to_pylist()) if name in self.held]


def people(names: str) -> Ids:
    return Ids([Row(name) for name in names])


async def test_a_write_that_is_idempotent_by_key_is_sent_again_under_the_same_key(gateway):
    target = Forgetful(loses={1}, promise=WritePromise.IDEMPOTENT_BY_KEY)
    async with gateway(Systems({"source": people("ab"), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert target.sent == [("add-00000", ["a", "b"])] * 2
    assert reasons(receipt) == {Reason.ADDED: 2}


async def test_a_lost_reply_is_reconciled_by_reading_back_and_nobody_is_sent_twice(gateway):
    target = Finding(loses={1})
    async with gateway(Systems({"source": people("ab"), "target": target})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert (target.sent, reasons(receipt)) == ([("add-00000", ["a", "b"])], {Reason.ADDED: 2})


async def test_a_write_that_can_neither_be_repeated_nor_read_back_is_in_doubt_and_the_others_go_on(gateway):
    target = Forgetful(loses={1})
    async with gateway(Systems({"source": people("abcd"), "target": target})) as opened:
        transfer = await opened.share()
        receipt = await opened.receipt(transfer)
    assert (len(target.sent), transfer.state) == (2, TransferState.SUCCEEDED)
    assert reasons(receipt) == {Reason.IN_DOUBT: 3, Reason.ADDED: 1}


async def test_members_in_doubt_are_sent_again_by_the_next_transfer(gateway):
    target = Forgetful(loses={1})
    async with gateway(Systems({"source": people("ab"), "target": target})) as opened:
        await opened.share()
        receipt = await opened.receipt(await opened.share())
    assert (reasons(receipt), target.held) == ({Reason.ADDED: 2}, {"a", "b"})


async def test_members_in_doubt_that_leave_the_source_are_removed(gateway):
    source, target = people("ab"), Forgetful(loses={1})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row("a")]
        receipt = await opened.receipt(await opened.share())
    assert (receipt.removals, target.held) == (RemovalCount(leavers=1, removed=1), {"a"})


async def test_members_in_doubt_are_removed_though_a_transfer_between_ended_before_it_came_to_them(gateway):
    source, target = people("abcdefgh"), Forgetful(loses={1, 2, 3})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()  # all in doubt
        target.loses = set(range(5, 100))
        target.promise = WritePromise.IDEMPOTENT_BY_KEY
        between = await opened.share()  # sends one chunk, and gives up at the second
        target.loses = set()
        source.rows = [Row("z")]
        await opened.share(guard=GuardLimits(removed_rows=100))
    assert (between.state, target.held) == (TransferState.FAILED, {"z"})


async def test_a_removal_in_doubt_is_sent_again_by_the_next_transfer(gateway):
    source, target = people("abc"), Forgetful(loses={2})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row("a"), Row("b")]
        doubtful = await opened.receipt(await opened.share())
        settled = await opened.receipt(await opened.share())
    assert doubtful.removals == RemovalCount(leavers=1, in_doubt=1)
    assert settled.removals == RemovalCount(leavers=1, removed=1)


async def test_a_transfer_that_never_hears_an_answer_fails_with_its_last_chunk_in_doubt(gateway):
    target = Forgetful(loses=set(range(2, 100)), promise=WritePromise.IDEMPOTENT_BY_KEY)
    async with gateway(Systems({"source": people("abcdefgh"), "target": target})) as opened:
        transfer = await opened.share()
        receipt = await opened.receipt(transfer)
    assert (transfer.state, transfer.failure.reason) == (TransferState.FAILED, "TRANSIENT")
    assert reasons(receipt) == {Reason.ADDED: 3, Reason.IN_DOUBT: 3, Reason.NOT_SENT: 2}


async def test_a_system_that_could_not_be_reached_leaves_nothing_in_doubt(gateway):
    class Unreachable(Ids):
        async def write_members(self, request: WriteRequest) -> WriteResult:
            raise Transient("nobody listens there", sent=False)

    async with gateway(Systems({"source": people("ab"), "target": Unreachable()})) as opened:
        receipt = await opened.receipt(await opened.share())
    assert reasons(receipt) == {Reason.NOT_SENT: 2}
