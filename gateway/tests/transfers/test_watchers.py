"""Who watches a transfer is told at once what happens to it in the same process."""

from __future__ import annotations

import asyncio
from threading import Thread

import pytest
from audience_gateway.sdk import EventKind
from audience_gateway.transfers import engine
from audience_gateway.transfers.model import TransferState
from audience_gateway.transfers.watchers import Watchers
from systems import Ids, Record, Records, Row, Systems

LONG, SHORT = 60.0, 0.01


@pytest.fixture
def told():
    """Watchers, what was observed, and what tells of both."""
    watchers, seen = Watchers(), []
    return watchers, seen, watchers.telling(lambda kind, transfer: seen.append((kind, transfer)))


async def test_the_end_of_a_transfer_is_seen_at_once(gateway, monkeypatch):
    monkeypatch.setattr(engine, "_WATCH_SECONDS", LONG)
    systems = Systems({"source": Ids([Row("a")]), "target": Records(index=[Record("a", "A")])})
    async with gateway(systems) as opened, asyncio.timeout(LONG / 2):
        assert (await opened.share()).state is TransferState.SUCCEEDED


async def test_that_a_transfer_is_withheld_is_seen_at_once(gateway, monkeypatch):
    everybody = [Row(id_) for id_ in "abcdef"]
    source, target = Ids(everybody), Records(index=[Record(id_, id_) for id_ in "abcdef"])
    async with gateway(Systems({"source": source, "target": target})) as opened:
        await opened.share()
        source.rows[:] = everybody[:1]
        monkeypatch.setattr(engine, "_WATCH_SECONDS", LONG)
        async with asyncio.timeout(LONG / 2):
            assert (await opened.share()).state is TransferState.WITHHELD


async def test_what_happens_while_one_looks_is_not_missed(told):
    watchers, _, observe = told
    with watchers.watching("one") as glance:
        glance.begin()
        observe(EventKind.TRANSFER_ENDED, "one")
        async with asyncio.timeout(LONG / 2):
            await glance.next(LONG)


async def test_any_thread_tells(told):
    watchers, seen, observe = told
    with watchers.watching("one") as glance:
        glance.begin()
        Thread(target=observe, args=(EventKind.TRANSFER_ENDED, "one")).start()
        async with asyncio.timeout(LONG / 2):
            await glance.next(LONG)
    assert seen == [(EventKind.TRANSFER_ENDED, "one")]


async def test_all_watchers_of_a_transfer_are_told_and_those_of_others_are_not(told):
    watchers, _, observe = told
    with watchers.watching("one") as first, watchers.watching("one") as second, watchers.watching("other") as other:
        for glance in (first, second, other):
            glance.begin()
        observe(EventKind.TRANSFER_ENDED, "one")
        async with asyncio.timeout(LONG / 2):
            await asyncio.gather(first.next(LONG), second.next(LONG))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SHORT):
                await other.next(LONG)


async def test_without_news_one_looks_again_after_a_while(told):
    with told[0].watching("one") as glance:
        glance.begin()
        async with asyncio.timeout(LONG / 2):
            await glance.next(SHORT)


async def test_who_has_watched_is_not_told_any_more(told):
    watchers, seen, observe = told
    with watchers.watching("one"):
        pass
    observe(EventKind.TRANSFER_ENDED, "one")
    assert seen == [(EventKind.TRANSFER_ENDED, "one")]
