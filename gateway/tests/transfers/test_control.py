"""Transfers are cancelled, paused, resumed, given up and tried again; the receipt always says what was delivered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.sdk import ConfigError, DataSource, Permanent, Reason, Transient, WriteRequest, WriteResult
from audience_gateway.transfers.model import AudienceRef, RemovalCount, TransferMode, TransferState
from audience_gateway.transfers.service import OutcomeQuery, TransferNotEnded, WrongState
from systems import Ids, Row, Systems
from test_account import reasons
from test_failures import REQUEST_ID, Failing

from conftest import request

NAMES = "abcdefgh"  # three chunks to deliver


def people(names: str) -> Ids:
    return Ids([Row(name) for name in names])


@dataclass
class Gated(Ids):
    """Lets the first write wait, after it has had its effect, until it is opened."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def write_members(self, request: WriteRequest) -> WriteResult:
        result = await super().write_members(request)
        self.reached.set()
        await self.opened.wait()
        return result


async def test_a_cancelled_transfer_ends_behind_its_chunk_and_accounts_for_the_rest(gateway):
    target = Gated()
    async with gateway(Systems({"source": people(NAMES), "target": target})) as opened:
        started = await opened.transfers.start(request())
        await target.reached.wait()
        assert (await opened.transfers.cancel(started.id)).cancel_requested
        target.opened.set()
        ended = await opened.ended(started)
        receipt = await opened.receipt(ended)
    assert ended.state is TransferState.CANCELLED
    assert reasons(receipt) == {Reason.ADDED: 3, Reason.CANCELLED: 5}
    assert (len(target.held), receipt.source_complete) == (3, True)


async def test_after_a_cancelled_transfer_the_next_one_delivers_only_the_rest(gateway):
    target = Gated()
    async with gateway(Systems({"source": people(NAMES), "target": target})) as opened:
        started = await opened.transfers.start(request())
        await target.reached.wait()
        await opened.transfers.cancel(started.id)
        target.opened.set()
        await opened.ended(started)
        receipt = await opened.receipt(await opened.share())
    assert (reasons(receipt), target.held) == ({Reason.ADDED: 5, Reason.ALREADY_MEMBER: 3}, set(NAMES))


async def test_removals_that_a_cancelled_transfer_did_not_send_are_withheld_and_made_up_for(gateway):
    source, target = people("abc"), Gated()
    target.opened.set()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        target.opened.clear()
        target.reached.clear()
        source.rows = [Row("c"), Row("d")]
        started = await opened.transfers.start(request())
        await target.reached.wait()
        await opened.transfers.cancel(started.id)
        target.opened.set()
        cancelled = await opened.receipt(await opened.ended(started))
        await opened.share()
    assert cancelled.removals == RemovalCount(leavers=2, withheld=2)
    assert target.held == {"c", "d"}


async def test_a_transfer_cancelled_before_it_began_has_a_receipt_and_outcomes_of_no_rows(gateway):
    target = Gated()
    async with gateway(Systems({"source": people("a"), "target": target})) as opened:
        first = await opened.transfers.start(request())
        await target.reached.wait()
        waiting = await opened.transfers.start(request())
        cancelled = await opened.transfers.cancel(waiting.id)
        target.opened.set()
        await opened.ended(first)
        receipt = await opened.receipt(cancelled)
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=cancelled.id))
    assert (cancelled.state, receipt.rows_read, receipt.source_complete) == (TransferState.CANCELLED, 0, False)
    assert rows == []


async def test_a_transfer_that_has_ended_cannot_be_cancelled_paused_or_resumed(gateway):
    async with gateway(Systems({"source": people("a"), "target": Ids()})) as opened:
        ended = await opened.share()
        for change in (opened.transfers.cancel, opened.transfers.pause, opened.transfers.resume):
            with pytest.raises(WrongState, match="succeeded"):
                await change(ended.id)


async def test_a_paused_transfer_goes_on_where_it_was(gateway):
    target = Gated()
    async with gateway(Systems({"source": people(NAMES), "target": target})) as opened:
        started = await opened.transfers.start(request())
        await target.reached.wait()
        paused = await opened.transfers.pause(started.id)
        target.opened.set()
        await opened.transfers.resume(started.id)
        receipt = await opened.receipt(await opened.ended(started))
    assert paused.state is TransferState.PAUSED
    assert (reasons(receipt), target.held) == ({Reason.ADDED: 8}, set(NAMES))


@dataclass
class CheckedLater(Ids):
    """Fails in passing, once it is let go on, when it is first asked whether members can be delivered."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    asked_again: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def check_destination(self, audience: str, source: DataSource) -> None:
        if self.asked.is_set():
            self.asked_again.set()
            return
        self.asked.set()
        await self.opened.wait()
        raise Transient("cut")


async def test_a_transfer_paused_while_it_is_planned_does_not_stand_in_its_own_way(gateway):
    target = CheckedLater()
    async with gateway(Systems({"source": people("ab"), "target": target})) as opened:
        started = await opened.transfers.start(request())
        await target.asked.wait()
        await opened.transfers.pause(started.id)
        target.opened.set()
        await asyncio.wait_for(target.asked_again.wait(), 30)
        await opened.transfers.resume(started.id)
        ended = await opened.ended(started)
    assert (ended.state, target.held) == (TransferState.SUCCEEDED, {"a", "b"})


async def test_another_transfer_to_the_destination_of_a_paused_one_is_refused(gateway):
    target = Gated()
    async with gateway(Systems({"source": people(NAMES), "target": target})) as opened:
        started = await opened.transfers.start(request())
        await target.reached.wait()
        await opened.transfers.pause(started.id)
        target.opened.set()
        other = await opened.share()
        await opened.transfers.cancel(started.id)
        ended = await opened.ended(started)
    assert (other.state, other.failure.message) == (
        TransferState.FAILED,
        f"connections/target/audiences/list: transfers/{started.id} to it is paused",
    )
    assert ended.state is TransferState.CANCELLED


async def test_a_transfer_whose_deadline_has_passed_is_given_up(gateway):
    target = Ids()
    async with gateway(Systems({"source": people("a"), "target": target})) as opened:
        late = await opened.share(deadline=datetime.now(UTC) - timedelta(seconds=1))
        receipt = await opened.receipt(late)
    assert (late.state, late.failure.reason, target.held) == (TransferState.FAILED, "DEADLINE", set())
    assert receipt.rows_read == 0


async def test_a_retry_sends_the_rows_that_were_refused_or_not_sent_and_no_others(gateway):
    written: list[list[str]] = []

    class Noting(Ids):
        async def write_members(self, request: WriteRequest) -> WriteResult:
            written.append(request.batch.targets.to_pylist())
            return await super().write_members(request)

    target = Noting(refuses={"a"}, fail=Failing("write", 2, error=Permanent("full")))
    async with gateway(Systems({"source": people("abcde"), "target": target})) as opened:
        failed = await opened.share()
        target.refuses = set()
        delivered = set(target.held)
        written.clear()
        retried = await opened.ended(await opened.transfers.retry(failed.id))
        receipt = await opened.receipt(retried)
    assert str(retried.request.source) == f"transfers/{failed.id}"
    missing = set("abcde") - delivered
    assert {name for chunk in written for name in chunk} == missing
    assert (receipt.rows_read, reasons(receipt)) == (len(missing), {Reason.ADDED: len(missing)})
    assert target.held == set("abcde")


async def test_a_retry_removes_nobody(gateway):
    source, target = people("abc"), Ids(refuses={"d"})
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row(name) for name in "abcd"]
        refused = await opened.share()
        target.refuses = set()
        receipt = await opened.receipt(await opened.ended(await opened.transfers.retry(refused.id)))
    assert (receipt.removals, target.held) == (RemovalCount(), set("abcd"))


async def test_a_retry_of_the_same_request_is_the_same_transfer(gateway):
    target = Ids(refuses={"a"})
    async with gateway(Systems({"source": people("a"), "target": target})) as opened:
        refused = await opened.share()
        first = await opened.transfers.retry(refused.id, request_id=REQUEST_ID)
        second = await opened.transfers.retry(refused.id, request_id=REQUEST_ID)
        await opened.ended(first)
    assert first.id == second.id


async def test_there_is_no_retry_of_a_transfer_that_is_going_on_or_left_nothing(gateway):
    target = Gated()
    async with gateway(Systems({"source": people("a"), "target": target})) as opened:
        started = await opened.transfers.start(request())
        await target.reached.wait()
        with pytest.raises(TransferNotEnded):
            await opened.transfers.retry(started.id)
        target.opened.set()
        await opened.ended(started)
        with pytest.raises(ConfigError, match="no rows that can be delivered"):
            await opened.transfers.retry(started.id)


async def test_adding_only_keeps_those_who_left_the_source(gateway):
    source, target = people("ab"), Ids()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [Row("c")]
        added = await opened.receipt(await opened.share(mode=TransferMode.ADD_ONLY))
        source.rows = [Row(name) for name in "bc"]
        replaced = await opened.receipt(await opened.share())
    assert (added.removals, replaced.removals) == (RemovalCount(), RemovalCount(leavers=1, removed=1))
    assert target.held == {"b", "c"}


async def test_outcomes_of_a_cancelled_transfer_are_listed_row_by_row(gateway):
    target = Gated()
    async with gateway(Systems({"source": people("abcd"), "target": target})) as opened:
        started = await opened.transfers.start(request(destination=AudienceRef("target", "other")))
        await target.reached.wait()
        await opened.transfers.cancel(started.id)
        target.opened.set()
        await opened.ended(started)
        found = await opened.transfers.outcomes(OutcomeQuery(transfer=started.id))
    assert sorted(row.reason for row in found) == [Reason.ADDED] * 3 + [Reason.CANCELLED]
