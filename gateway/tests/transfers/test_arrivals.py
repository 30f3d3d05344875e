"""After a transfer has ended, its delivery is followed through the stages of its destination."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.jobs.in_memory import InMemoryEngine
from audience_gateway.sdk import Arrival, ConfigError, EventKind, Permanent, RateLimited, Transient, WriteResult
from audience_gateway.transfers.model import AudienceRef, TransferState
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.task import Sizes
from slow import LADDER, Slow, asking
from systems import Ids, Row, Systems, transfers_of

from conftest import Gateway

on_both_engines = pytest.mark.parametrize("gateway", ["in memory", "durable"], indirect=True)


@pytest.fixture
def gateway(request, tmp_path):
    """Opens a gateway, on the job engine in memory or on the durable one; its state is kept between openings."""
    durable = getattr(request, "param", "in memory") == "durable"

    @asynccontextmanager
    async def opened(systems):
        jobs = partial(DurableEngine, f"sqlite:///{tmp_path}/jobs.db")
        options = TransferOptions(state=tmp_path, sizes=Sizes(chunk_rows=4, deliver_rows=3))
        async with transfers_of(systems, options, jobs if durable else InMemoryEngine) as transfers:
            yield Gateway(transfers)

    return opened


@pytest.fixture
def target():
    return Slow()


@pytest.fixture
def systems(target):
    return Systems({"source": Ids([Row(str(number)) for number in range(5)]), "target": target})


@pytest.fixture
async def shared(gateway, systems, tmp_path):
    """A transfer that was made, those who ask about it, and what a client then sees of it."""
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(gateway(systems))
        asker = await stack.enter_async_context(asking(systems, tmp_path))
        transfer = await opened.share()

        async def seen():
            arrivals = (await opened.transfers.get(transfer.id)).arrivals
            return {one.stage: one for one in arrivals}

        yield transfer, asker, seen


def reached(clock, stage="visible", **values):
    return Arrival(stage=stage, reached=clock(), **values)


@on_both_engines
async def test_a_transfer_that_ends_says_what_it_waits_for(shared):
    transfer, _, _ = shared
    delivered, ingested, visible = transfer.arrivals
    assert (delivered.stage, delivered.state) == ("delivered", "reached")
    assert transfer.created <= delivered.reached <= transfer.ended
    assert (ingested.stage, ingested.state, ingested.meaning) == ("ingested", "pending", "The files were read.")
    assert [one.due - delivered.reached for one in (ingested, visible)] == [stage.within for stage in LADDER]


@on_both_engines
async def test_the_connector_is_asked_with_the_keys_of_all_writes(shared, target):
    transfer, asker, _ = shared
    await asker.ask()
    (request,) = target.asked
    assert [(write.key, write.members) for write in request.writes] == [
        (f"{transfer.id}/add-00000", 3),
        (f"{transfer.id}/add-00001", 2),
    ]
    assert (request.audience, request.source.name) == ("list", "plain")
    assert request.delivered == request.writes[-1].time == transfer.arrivals[0].reached


@on_both_engines
async def test_stages_are_reached_one_after_the_other_and_then_nobody_asks(shared, target):
    _, asker, seen = shared
    target.answer = lambda request: [reached(asker.clock, "ingested", counts={"stored_records": 4, "format_errors": 1})]
    await asker.ask()
    assert (await seen())["ingested"].counts == {"stored_records": 4, "format_errors": 1}
    target.answer = lambda request: [reached(asker.clock)]
    await asker.ask(2)
    assert [one.state for one in (await seen()).values()] == ["reached"] * 3
    await asker.ask(500)
    assert len(target.asked) == 2
    assert [kind for kind, _ in asker.told] == [EventKind.TRANSFER_ARRIVED]


async def test_it_is_asked_again_only_after_a_while(shared, target):
    _, asker, _ = shared
    for hours in (0, 0.9, 1.1, 1.2):
        await asker.ask(hours)
    assert len(target.asked) == 2


async def test_a_deadline_that_has_passed_is_told_once(shared):
    _, asker, _ = shared
    for hours in (23, 25, 27, 49, 51):
        await asker.ask(hours)
    assert [kind for kind, _ in asker.told] == [EventKind.ARRIVAL_OVERDUE] * 2


async def test_what_is_overdue_for_long_is_asked_about_once_more_and_given_up(shared, target):
    _, asker, seen = shared
    await asker.ask(149)
    assert [one.state for one in (await seen()).values()] == ["reached", "given_up", "given_up"]
    await asker.ask(500)
    assert len(target.asked) == 1


async def test_a_system_that_is_away_is_asked_again(shared, target):
    _, asker, seen = shared
    target.raises(Transient("it is away", place="target.example", remedy="Wait."))
    await asker.ask()
    waiting = (await seen())["ingested"]
    assert (waiting.state, waiting.message) == ("pending", "not found out: target.example: it is away")
    target.answer = lambda request: [reached(asker.clock)]
    await asker.ask(2)
    found = (await seen())["ingested"]
    assert (found.state, found.message) == ("reached", "")


async def test_a_system_that_asks_to_slow_down_is_left_alone_as_long_as_it_says(shared, target):
    _, asker, _ = shared
    target.raises(RateLimited("slow down", retry_after=3 * 3600))
    await asker.ask()
    await asker.ask(2.9)
    assert len(target.asked) == 1
    await asker.ask(3.1)
    assert len(target.asked) == 2


async def test_a_delivery_that_can_never_arrive_has_failed(shared, target):
    transfer, asker, seen = shared
    target.raises(Permanent("the file was deleted", remedy="Share again."))
    await asker.ask()
    _, ingested, visible = (await seen()).values()
    assert (ingested.state, ingested.message, ingested.remedy) == ("failed", "the file was deleted", "Share again.")
    assert visible.state == "failed"
    await asker.ask(500)
    assert len(target.asked) == 1
    assert asker.told == [(EventKind.ARRIVAL_FAILED, transfer.id)]


async def test_an_error_of_opening_the_connection_says_nothing_about_the_delivery(shared, target, monkeypatch):
    _, asker, seen = shared

    async def refuse():
        raise Permanent("the account is closed")

    monkeypatch.setattr(target, "open", refuse)
    await asker.ask()
    assert (await seen())["ingested"].state == "pending"
    assert "the account is closed" in (await seen())["ingested"].message


async def test_a_connection_that_is_removed_says_so_and_may_come_back(shared, systems, target):
    _, asker, seen = shared
    del systems.systems["target"]
    await asker.ask()
    waiting = (await seen())["ingested"]
    assert waiting.state == "pending"
    assert waiting.message == "not found out: connections.target: there is no such connection"
    systems.systems["target"] = target
    target.answer = lambda request: [reached(asker.clock)]
    await asker.ask(2)
    assert (await seen())["visible"].state == "reached"


async def test_a_connection_with_another_connector_says_so(shared, systems):
    _, asker, seen = shared
    systems.systems["target"] = Ids()
    await asker.ask()
    assert "cannot say how deliveries arrive" in (await seen())["ingested"].message


async def test_an_unexpected_error_is_asked_about_again_and_its_text_goes_nowhere(shared, target):
    _, asker, seen = shared
    target.raises(ValueError("ada@example.org"))
    await asker.ask()
    message = (await seen())["ingested"].message
    assert "incident" in message
    assert "ada" not in message
    await asker.ask(2)
    assert len(target.asked) == 2


async def test_an_unusable_answer_fails_nothing_and_is_told(shared, target):
    _, asker, seen = shared
    target.answer = lambda request: [Arrival(stage="vanished")]
    await asker.ask()
    waiting = (await seen())["ingested"]
    assert (waiting.state, waiting.remedy) == ("pending", "Report this to the author of the plugin.")


async def test_what_is_known_is_given_to_the_connector(shared, target):
    _, asker, _ = shared
    target.answer = lambda request: [reached(asker.clock, "ingested")]
    await asker.ask()
    await asker.ask(2)
    assert [bool(one.reached) for one in target.asked[1].known] == [True, False]


@on_both_engines
async def test_following_goes_on_after_a_restart(gateway, systems, target, tmp_path):
    async with gateway(systems) as opened, asking(systems, tmp_path) as asker:
        transfer = await opened.share()
        target.answer = lambda request: [reached(asker.clock, "ingested")]
        await asker.ask()
    async with gateway(systems) as opened, asking(systems, tmp_path) as asker:
        target.answer = lambda request: [reached(asker.clock)]
        await asker.ask(2)
        arrivals = (await opened.transfers.get(transfer.id)).arrivals
    assert [one.state for one in arrivals] == ["reached"] * 3
    assert len(target.asked) == 2


async def test_a_connector_that_does_not_answer_keeps_no_other_waiting(gateway, systems, tmp_path):
    class Silent(Slow):
        async def poll_arrivals(self, request):
            await asyncio.Event().wait()

    systems.systems["silent"] = Silent()
    async with gateway(systems) as opened, asking(systems, tmp_path, patience=0.2) as asker:
        silent = await opened.share(destination=AudienceRef("silent", "list"))
        await opened.share()
        await asker.polling.look()
        await asyncio.wait_for(systems.systems["target"].was_asked.wait(), 10)
        await asker.polling.idle()
        (_, ingested, _) = (await opened.transfers.get(silent.id)).arrivals
    assert "did not answer within 0.2 seconds" in ingested.message


async def test_a_system_that_does_not_let_go_does_not_keep_the_gateway_from_ending(shared, systems, monkeypatch):
    _, asker, _ = shared
    closing = asyncio.Event()

    class Clinging(Slow):
        async def poll_arrivals(self, request):
            await super().poll_arrivals(request)
            await asyncio.Event().wait()

        async def close(self):
            await closing.wait()

    systems.systems["target"] = clinging = Clinging()
    monkeypatch.setattr("audience_gateway.transfers.arrival_polling._CLOSE_SECONDS", 0.1)
    await asker.polling.look()
    await clinging.was_asked.wait()
    await asyncio.wait_for(asker.polling.close(), 10)
    closing.set()
    await asyncio.gather(asker.polling.idle(), return_exceptions=True)


async def test_a_replacement_is_one_write(gateway, systems, tmp_path):
    class Replaced(Slow):
        async def replace_members(self, audience, source, batches, key):
            return WriteResult(sum([len(batch) async for batch in batches]))

    systems.systems["target"] = target = Replaced()
    async with gateway(systems) as opened, asking(systems, tmp_path) as asker:
        transfer = await opened.share()
        await asker.ask()
    assert [(write.key, write.members) for write in target.asked[0].writes] == [(f"{transfer.id}/replace", 5)]


async def test_nothing_arrives_where_nothing_was_delivered(gateway, systems):
    async with gateway(systems) as opened:
        await opened.share()
        again = await opened.share()
    assert again.state is TransferState.SUCCEEDED
    assert again.arrivals == ()


async def test_a_connector_that_declares_no_stages_is_not_asked(gateway, systems, target, tmp_path):
    target.stages = ()
    async with gateway(systems) as opened, asking(systems, tmp_path) as asker:
        transfer = await opened.share()
        await asker.ask()
    assert (transfer.arrivals, target.asked) == ((), [])


async def test_a_ladder_with_a_stage_twice_is_refused_before_anything_is_written(gateway, systems, target):
    target.stages = (LADDER[0], LADDER[0])
    async with gateway(systems) as opened:
        transfer = await opened.share()
    assert (transfer.state, transfer.failure.reason) == (TransferState.FAILED, "PERMANENT")
    assert target.held == set()


@on_both_engines
async def test_what_a_transfer_delivered_before_it_failed_is_followed(gateway, systems, target, tmp_path):
    def fail_second(call):
        if call == "write" and target.held:
            raise ConfigError("no more")

    target.fail = fail_second
    async with gateway(systems) as opened, asking(systems, tmp_path) as asker:
        transfer = await opened.share()
        await asker.ask()
    assert transfer.state is TransferState.FAILED
    assert [write.key for write in target.asked[0].writes] == [f"{transfer.id}/add-00000"]
