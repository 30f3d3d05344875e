"""A dry run tells what would become of every row, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from audience_gateway.jobs.in_memory import InMemoryEngine
from audience_gateway.sdk import Audience, ConfigError, Outcome, Reason, WriteRequest, WriteResult
from audience_gateway.transfers.model import RemovalCount, Transfer, TransferState
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.service import OutcomeQuery
from systems import Ids, Row, Systems, transfers_of
from test_account import reasons

from conftest import Gateway, request


def people(names: str) -> list[Row]:
    return [Row(name) for name in names]


@dataclass
class Strict(Ids):
    """Lists its audiences, and fails on every write once it is closed for them."""

    audiences: set[str] = field(default_factory=set)
    closed: bool = False

    async def list_audiences(self) -> AsyncIterator[Audience]:
        for audience in sorted(self.audiences):
            yield Audience(id=audience, title=audience)

    async def get_audience(self, audience: str) -> Audience | None:
        return Audience(id=audience, title=audience) if audience in self.audiences else None

    async def create_audience(self, audience: str, title: str) -> None:
        assert not self.closed
        self.audiences.add(audience)

    async def write_members(self, request: WriteRequest) -> WriteResult:
        assert not self.closed
        return await super().write_members(request)

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        assert not self.closed
        return await super().remove_members(request)


async def dry(opened: Gateway, **changes: object) -> Transfer:
    return await opened.share(dry_run=True, **changes)


def snapshots(state: Path) -> list[str]:
    return sorted(str(path) for path in (state / "snapshots").glob("*/*"))


async def test_it_counts_what_a_share_then_does_and_writes_nothing(gateway, tmp_path):
    source, target = Ids([*people("abca"), Row("bad"), Row("o", opted_out=True)]), Strict()
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows = [*people("bcdd"), Row(None), Row("o", opted_out=True)]
        before = snapshots(tmp_path), set(target.held)
        target.closed = True
        tried = await dry(opened)
        expected = await opened.receipt(tried)
        target.closed = False
        assert (snapshots(tmp_path), target.held) == before
        done = await opened.receipt(await opened.share())
    assert (tried.state, expected.dry_run, json.loads(expected.canonical_json)["dry_run"]) == (
        TransferState.SUCCEEDED,
        True,
        True,
    )
    assert (reasons(expected), expected.removals) == (reasons(done), done.removals)
    assert reasons(done) == {
        Reason.ADDED: 1,
        Reason.ALREADY_MEMBER: 2,
        Reason.SAME_ID: 1,
        Reason.NO_ID: 1,
        Reason.OPTED_OUT: 1,
    }
    assert (done.removals, done.dry_run) == (RemovalCount(leavers=1, removed=1), False)


async def test_rows_of_each_outcome_are_listed_by_fingerprints(gateway):
    async with gateway(Systems({"source": Ids(people("ab")), "target": Strict()})) as opened:
        tried = await dry(opened)
        rows = await opened.transfers.outcomes(OutcomeQuery(transfer=tried.id, outcome=Outcome.DELIVERED))
    assert [(row.row, row.reason, len(row.id_fingerprint)) for row in rows] == [
        (1, Reason.ADDED, 12),
        (2, Reason.ADDED, 12),
    ]


async def test_an_audience_that_is_not_there_is_not_created(gateway):
    target = Strict(closed=True)
    async with gateway(Systems({"source": Ids(people("ab")), "target": target})) as opened:
        receipt = await opened.receipt(await dry(opened))
    assert (reasons(receipt), target.audiences) == ({Reason.ADDED: 2}, set())


async def test_it_says_that_the_guard_would_hold_back_and_does_not_wait(gateway):
    source = Ids(people("abcde"))
    async with gateway(Systems({"source": source, "target": Ids()})) as opened:
        await opened.share()
        source.rows = people("af")
        tried = await dry(opened)
        receipt = await opened.receipt(tried)
        waiting = await opened.share()
    [hold] = tried.holds
    assert (tried.state, waiting.state) == (TransferState.SUCCEEDED, TransferState.WITHHELD)
    assert (hold.findings, hold.expires) == (waiting.holds[0].findings, None)
    assert reasons(receipt) == {Reason.ALREADY_MEMBER: 1, Reason.TOO_MANY_REMOVALS: 1}
    assert receipt.removals == RemovalCount(leavers=4, withheld=4)


async def test_it_leaves_a_transfer_waiting_and_is_left_alone_by_a_newer_one(gateway):
    source = Ids(people("abcde"))
    async with gateway(Systems({"source": source, "target": Ids()})) as opened:
        await opened.share()
        source.rows = people("af")
        waiting = await opened.share()
        tried = await dry(opened)
        still = await opened.transfers.get(waiting.id)
        source.rows = people("abcdef")
        await opened.share()
        after = await opened.transfers.get(tried.id)
    assert (still.state, after) == (TransferState.WITHHELD, tried)


@dataclass
class Gated(Ids):
    """Lets its writes through when it is opened."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def write_members(self, request: WriteRequest) -> WriteResult:
        self.reached.set()
        await self.opened.wait()
        return await super().write_members(request)


async def test_it_waits_for_no_transfer_to_the_same_destination(tmp_path):
    target = Gated()
    systems = Systems({"source": Ids(people("ab")), "target": target})
    two_at_a_time = partial(InMemoryEngine, concurrency=2)
    async with transfers_of(systems, TransferOptions(state=tmp_path), two_at_a_time) as transfers:
        opened = Gateway(transfers)
        going_on = await opened.transfers.start(request())
        await target.reached.wait()
        tried = await dry(opened)
        target.opened.set()
        ended = await opened.ended(going_on)
    assert (tried.state, ended.state) == (TransferState.SUCCEEDED, TransferState.SUCCEEDED)


async def test_it_is_neither_retried_nor_undone(gateway):
    async with gateway(Systems({"source": Ids(people("ab")), "target": Ids()})) as opened:
        tried = await dry(opened)
        for again in (opened.transfers.retry, opened.transfers.undo):
            with pytest.raises(ConfigError, match="dry run"):
                await again(tried.id)
