"""A transfer that the guard holds back waits until somebody releases it, or its wait is over."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.sdk import EventKind, Outcome, Reason
from audience_gateway.transfers.model import (
    AudienceRef,
    GuardLimits,
    RemovalCount,
    Transfer,
    TransferMode,
    TransferState,
)
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.service import OutcomeQuery, TransferNotEnded, WrongState
from audience_gateway.transfers.task import Sizes
from systems import Ids, Row, Systems, transfers_of
from test_account import reasons

from conftest import Gateway

ANY = GuardLimits(removed_rows=1000, removed_share=1.0)
LATER = timedelta(days=8)


def people(names: str) -> list[Row]:
    return [Row(name) for name in names]


@dataclass
class Shrunken:
    """A source of which most have gone since it was shared."""

    source: Ids = field(default_factory=lambda: Ids(people("abcde")))
    target: Ids = field(default_factory=Ids)
    other: Ids = field(default_factory=lambda: Ids(people("xyz")))

    @property
    def systems(self) -> Systems:
        return Systems({"source": self.source, "target": self.target, "other": self.other})

    async def withheld(self, opened: Gateway, **changes: object) -> Transfer:
        await opened.share()
        self.source.rows = people("af")
        return await opened.share(**changes)


async def released(opened: Gateway, transfer: Transfer, reason: str = "the campaign is over") -> Transfer:
    return await opened.ended(await opened.transfers.release(transfer.id, reason))


async def test_it_tells_what_the_guard_found_and_how_its_rows_would_end(gateway):
    shrunken = Shrunken()
    systems = shrunken.systems
    async with gateway(systems) as opened:
        waiting = await shrunken.withheld(opened)
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=waiting.id, outcome=Outcome.WITHHELD))
        with pytest.raises(TransferNotEnded):
            await opened.receipt(waiting)
    [hold] = waiting.holds
    [finding] = hold.findings
    assert (waiting.state, waiting.ended, hold.expires - hold.began) == (
        TransferState.WITHHELD,
        None,
        timedelta(days=7),
    )
    assert finding.reason is Reason.TOO_MANY_REMOVALS
    assert finding.message == "4 of 5 members would be removed, and the guard lets 2 go, or 50%"
    assert reasons(waiting) == {Reason.ALREADY_MEMBER: 1, Reason.TOO_MANY_REMOVALS: 1}
    assert [(row.row, row.reason) for row in rows] == [(2, Reason.TOO_MANY_REMOVALS)]
    assert (EventKind.TRANSFER_WITHHELD, waiting.id) in systems.events


async def test_a_release_lets_it_deliver_and_is_told_by_the_transfer_and_the_signed_receipt(gateway):
    shrunken = Shrunken()
    async with gateway(shrunken.systems) as opened:
        ended = await released(opened, await shrunken.withheld(opened))
        receipt = await opened.receipt(ended)
    [hold] = ended.holds
    [told] = json.loads(receipt.canonical_json)["holds"]
    assert (ended.state, shrunken.target.held) == (TransferState.SUCCEEDED, {"a", "f"})
    assert (receipt.removals, reasons(receipt)) == (
        RemovalCount(leavers=4, removed=4),
        {Reason.ALREADY_MEMBER: 1, Reason.ADDED: 1},
    )
    assert (hold.release.reason, told["release"]["reason"]) == ("the campaign is over", "the campaign is over")
    assert told["findings"] == [{"reason": "too_many_removals", "message": hold.findings[0].message}]
    assert datetime.fromisoformat(told["release"]["time"]) >= datetime.fromisoformat(told["withhold_time"])


async def test_an_empty_source_can_be_released(gateway):
    shrunken = Shrunken()
    async with gateway(shrunken.systems) as opened:
        await opened.share()
        shrunken.source.rows = []
        waiting = await opened.share(guard=ANY)
        ended = await released(opened, waiting)
    assert [finding.reason for finding in waiting.holds[0].findings] == [Reason.EMPTY_SOURCE]
    assert (ended.state, shrunken.target.held) == (TransferState.SUCCEEDED, set())


async def test_only_what_is_withheld_can_be_released_and_by_one_request(gateway):
    shrunken = Shrunken()
    async with gateway(shrunken.systems) as opened:
        done = await opened.share()
        with pytest.raises(WrongState, match="succeeded"):
            await opened.transfers.release(done.id, "why not")
        waiting = await shrunken.withheld(opened)
        with pytest.raises(WrongState, match="withheld"):
            await opened.transfers.pause(waiting.id)
        with pytest.raises(WrongState, match="withheld"):
            await opened.transfers.resume(waiting.id)
        await opened.transfers.release(waiting.id, "first", request_id="one")
        await opened.transfers.release(waiting.id, "first", request_id="one")
        with pytest.raises(WrongState):
            await opened.transfers.release(waiting.id, "second", request_id="two")
        ended = await opened.ended(waiting)
    assert [hold.release.reason for hold in ended.holds] == ["first"]


async def test_cancelling_it_ends_it_with_its_rows_withheld(gateway):
    shrunken = Shrunken()
    async with gateway(shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened)
        ended = await opened.ended(await opened.transfers.cancel(waiting.id))
        receipt = await opened.receipt(ended)
    assert (ended.state, shrunken.target.held) == (TransferState.CANCELLED, set("abcde"))
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.CANCELLED: 1}
    assert receipt.removals == RemovalCount(leavers=4, withheld=4)


@pytest.mark.parametrize("limit", ["its wait", "its deadline"])
async def test_it_lapses_with_its_rows_withheld_when_nobody_releases_it_in_time(gateway, limit):
    shrunken = Shrunken()
    now = datetime.now(UTC)
    deadline = now + timedelta(hours=1) if limit == "its deadline" else None
    over = now + (timedelta(hours=2) if deadline else LATER)
    async with gateway(shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened, deadline=deadline)
        await opened.transfers.end_waits(now)
        still = await opened.transfers.get(waiting.id)
        await opened.transfers.end_waits(over)
        ended = await opened.ended(waiting)
        receipt = await opened.receipt(ended)
    assert (still.state, ended.state) == (TransferState.WITHHELD, TransferState.LAPSED)
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.TOO_MANY_REMOVALS: 1}
    assert (receipt.removals, shrunken.target.held) == (RemovalCount(leavers=4, withheld=4), set("abcde"))


async def test_a_newer_share_of_the_same_source_takes_its_place(gateway):
    shrunken = Shrunken()
    async with gateway(shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened)
        shrunken.source.rows = people("abcdg")
        newer = await opened.share()
        ended = await opened.ended(waiting)
        receipt = await opened.receipt(ended)
    assert (newer.state, shrunken.target.held) == (TransferState.SUCCEEDED, set("abcdg"))
    assert (ended.state, ended.holds[0].superseded_by) == (TransferState.LAPSED, newer.id)
    assert json.loads(receipt.canonical_json)["holds"][0]["superseded_by"] == f"transfers/{newer.id}"


async def test_a_newer_one_that_is_withheld_as_well_takes_its_place_and_one_that_fails_does_not(gateway):
    shrunken = Shrunken()
    systems = shrunken.systems
    async with gateway(systems) as opened:
        waiting = await shrunken.withheld(opened)
        systems.systems["source"] = object()
        failed = await opened.share()
        still = await opened.transfers.get(waiting.id)
        systems.systems["source"] = shrunken.source
        newer = await opened.share()
        ended = await opened.ended(waiting)
    assert (failed.state, still.state) == (TransferState.FAILED, TransferState.WITHHELD)
    assert (newer.state, ended.state) == (TransferState.WITHHELD, TransferState.LAPSED)


async def test_newer_changes_are_refused_while_older_ones_of_the_same_source_wait(gateway):
    shrunken = Shrunken(source=Ids(people("abcde")))
    async with gateway(shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened)
        refused = await opened.share(mode=TransferMode.ADD_ONLY)
        still = await opened.transfers.get(waiting.id)
        await opened.transfers.cancel(waiting.id)
        await opened.ended(waiting)
        ended = await opened.share(mode=TransferMode.ADD_ONLY)
    assert refused.failure.message.endswith(f"transfers/{waiting.id} with older changes of the same source is withheld")
    assert (still.state, ended.state) == (TransferState.WITHHELD, TransferState.SUCCEEDED)


async def test_one_of_another_source_goes_on_and_what_was_released_is_compared_anew(gateway):
    shrunken = Shrunken(other=Ids(people("axyz")))
    async with gateway(shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened)
        await opened.share(source=AudienceRef("other", "all"), guard=ANY)
        between = set(shrunken.target.held)
        again = await released(opened, waiting, "one")
        ended = await released(opened, again, "two")
        receipt = await opened.receipt(ended)
    assert between == set("axyz")
    assert (again.state, again.holds[1].findings[0].message) == (
        TransferState.WITHHELD,
        "3 of 4 members would be removed, and the guard lets 2 go, or 50%",
    )
    assert ended.state is TransferState.SUCCEEDED
    assert [hold.release.reason for hold in ended.holds] == ["one", "two"]
    assert receipt.removals == RemovalCount(leavers=3, removed=3)
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.ADDED: 1}
    assert shrunken.target.held == {"a", "f"}


async def test_what_is_compared_anew_and_no_accident_any_more_is_delivered(gateway):
    shrunken = Shrunken(other=Ids(people("af")))
    async with gateway(shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened)
        await opened.share(source=AudienceRef("other", "all"), guard=ANY)
        ended = await released(opened, waiting)
        receipt = await opened.receipt(ended)
    assert (len(ended.holds), reasons(receipt)) == (1, {Reason.ALREADY_MEMBER: 2})


@asynccontextmanager
async def durable(state: Path, systems: Systems) -> AsyncIterator[Gateway]:
    options = TransferOptions(state=state, sizes=Sizes(chunk_rows=4, deliver_rows=3))
    engine = partial(DurableEngine, f"sqlite:///{state}/jobs.db")
    async with transfers_of(systems, options, engine) as transfers:
        yield Gateway(transfers)


async def test_it_waits_over_a_restart_and_others_use_its_thread_meanwhile(tmp_path):
    shrunken = Shrunken()
    async with durable(tmp_path, shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened)
        elsewhere = AudienceRef("target", "elsewhere")
        await opened.share(destination=elsewhere, source=AudienceRef("other", "all"))
    async with durable(tmp_path, shrunken.systems) as opened:
        still = await opened.transfers.get(waiting.id)
        ended = await opened.ended(await opened.transfers.release(waiting.id, "meant so"))
    assert (still.state, still.holds) == (TransferState.WITHHELD, waiting.holds)
    assert (ended.state, shrunken.target.held & set("abcdef")) == (TransferState.SUCCEEDED, {"a", "f"})


async def test_it_waits_also_when_its_process_did_not_live_to_halt_the_job(tmp_path):
    shrunken = Shrunken()
    async with durable(tmp_path, shrunken.systems) as opened:
        opened.transfers._engine.halt = _lost
        waiting = await shrunken.withheld(opened)
    async with durable(tmp_path, shrunken.systems) as opened:
        still = await opened.transfers.get(waiting.id)
        ended = await opened.ended(await opened.transfers.release(waiting.id, "meant so"))
    assert (still.state, still.holds, len(ended.holds)) == (TransferState.WITHHELD, waiting.holds, 1)
    assert (ended.state, shrunken.target.held) == (TransferState.SUCCEEDED, {"a", "f"})


async def test_a_schedule_does_not_count_it_as_going_on(gateway):
    shrunken = Shrunken()
    async with gateway(shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened, schedule="daily")
        ledger = opened.transfers._ledger
        assert ([one.id for one in ledger.unfinished()], ledger.unfinished(schedule="daily")) == ([waiting.id], [])
        await opened.transfers.release(waiting.id, "meant so")
        assert [one.id for one in ledger.unfinished(schedule="daily")] == [waiting.id]
        await opened.ended(waiting)


async def test_a_release_that_its_process_did_not_live_to_tell_the_job_goes_on(tmp_path):
    shrunken = Shrunken()
    async with durable(tmp_path, shrunken.systems) as opened:
        waiting = await shrunken.withheld(opened)
        opened.transfers._engine.resume = _lost
        await opened.transfers.release(waiting.id, "meant so")
    async with durable(tmp_path, shrunken.systems) as opened:
        await opened.transfers.end_waits(datetime.now(UTC))
        ended = await opened.ended(waiting)
    assert ended.state is TransferState.SUCCEEDED


async def _lost(job_id: str) -> None:
    return
