"""Sharing again delivers what changed, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_gateway.sdk import Reason, WriteRequest
from audience_gateway.transfers.model import GuardLimits, RemovalCount, TransferState
from systems import Ids, Record, Records, Row, Systems
from test_account import reasons


@dataclass
class Noting(Ids):
    """Notes what is written to it and removed from it."""

    requests: list[WriteRequest] = field(default_factory=list)

    def _change(self, request, change):
        self.requests.append(request)
        return super()._change(request, change)


def people(*names: str) -> list[Row]:
    return [Row(name) for name in names]


async def test_the_second_run_delivers_nothing_and_says_unchanged(gateway):
    calls: list[str] = []
    source, target = Ids(people("a", "b")), Ids(fail=calls.append)
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        calls.clear()
        receipt = await opened.receipt(await opened.share())
    assert (reasons(receipt), calls) == ({Reason.ALREADY_MEMBER: 2}, [])


async def test_leavers_are_removed_and_joiners_added(gateway):
    source, target = Ids(people("a", "b", "c")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = people("b", "c", "d")
        receipt = await opened.receipt(await opened.share())
    assert target.held == {"b", "c", "d"}
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 2, Reason.ADDED: 1}
    assert receipt.removals == RemovalCount(leavers=1, removed=1)


async def test_a_transfer_never_adds_and_removes_one_member_so_its_writes_may_arrive_in_any_order(gateway):
    source, target = Ids(people("a", "b", "c")), Noting()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = people("c", "b", "d", "c")
        await opened.share()
    by_transfer: dict[str, list[str]] = {}
    for request in target.requests:
        by_transfer.setdefault(request.key.rpartition("/")[0], []).extend(request.batch.targets.to_pylist())
    assert [sorted(targets) for targets in by_transfer.values()] == [["a", "b", "c"], ["a", "d"]]


async def test_a_member_that_was_not_ours_is_left_alone(gateway):
    target = Ids(held={"somebody else's"})
    async with gateway(Systems({"source": Ids(people("a")), "target": target})) as opened:
        await opened.share()
    assert target.held == {"a", "somebody else's"}


async def test_a_refused_member_is_tried_again_next_time(gateway):
    target = Ids(refuses={"a"})
    async with gateway(Systems({"source": Ids(people("a", "b")), "target": target})) as opened:
        await opened.share()
        target.refuses = set()
        receipt = await opened.receipt(await opened.share())
    assert (target.held, reasons(receipt)) == ({"a", "b"}, {Reason.ADDED: 1, Reason.ALREADY_MEMBER: 1})


async def test_a_refused_removal_stays_in_the_snapshot_and_is_tried_again(gateway):
    source, target = Ids(people("a", "b", "c")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows, target.refuses = people("b", "c"), {"a"}
        refused = await opened.receipt(await opened.share())
        target.refuses = set()
        removed = await opened.receipt(await opened.share())
    assert refused.removals == RemovalCount(leavers=1, refused=1)
    assert removed.removals == RemovalCount(leavers=1, removed=1)
    assert target.held == {"b", "c"}


async def test_somebody_who_opts_out_leaves(gateway):
    target = Records(index=[Record("a", "1"), Record("b", "2")])
    async with gateway(Systems({"source": Ids(people("a", "b")), "target": target})) as opened:
        await opened.share()
        target.index[0].opted_out = True
        receipt = await opened.receipt(await opened.share())
    assert (target.held, receipt.removals) == ({"2"}, RemovalCount(leavers=1, removed=1))


async def test_an_empty_source_is_withheld(gateway):
    source, target = Ids(people("a", "b")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row("bad")]
        transfer = await opened.share()
        held = set(target.held)
        receipt = await opened.receipt(await opened.ended(await opened.transfers.cancel(transfer.id)))
    assert (transfer.state, held) == (TransferState.WITHHELD, {"a", "b"})
    assert receipt.removals == RemovalCount(leavers=2, withheld=2)
    assert reasons(receipt) == {Reason.INVALID_ID: 1}


async def test_too_many_removals_are_withheld_with_all_changes_until_the_limit_is_raised(gateway):
    source, target = Ids(people("a", "b", "c", "d")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = people("a", "new")
        transfer = await opened.share()
        held = set(target.held)
        await opened.share(guard=GuardLimits(removed_rows=10, removed_share=1.0))
    assert (transfer.state, held) == (TransferState.WITHHELD, {"a", "b", "c", "d"})
    assert reasons(transfer) == {Reason.ALREADY_MEMBER: 1, Reason.TOO_MANY_REMOVALS: 1}
    assert target.held == {"a", "new"}


async def test_who_is_said_to_have_left_is_removed_and_each_row_of_the_source_accounted_for(gateway):
    source, target = Ids(people("a", "b")), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row(None, defect=Reason.SUPERSEDED), *people("b", "c"), Row(None, defect=Reason.LEFT)]
        receipt = await opened.receipt(await opened.share())
    assert target.held == {"b", "c"}
    assert reasons(receipt) == {Reason.SUPERSEDED: 1, Reason.ALREADY_MEMBER: 1, Reason.ADDED: 1, Reason.LEFT: 1}
    assert receipt.removals == RemovalCount(leavers=1, removed=1)
