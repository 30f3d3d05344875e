from __future__ import annotations

import asyncio
from contextlib import aclosing
from uuid import UUID

import pytest
from audience_gateway.sdk import Permanent
from audience_gateway_campaign.keyset import Page, Span, cut, pages
from audience_gateway_campaign.query import is_integer
from hypothesis import given
from hypothesis import strategies as st

PAGE_ROWS = 5


class Table:
    """Keys in order, read like Campaign reads them."""

    def __init__(self, keys: list[int]) -> None:
        self.keys = sorted(keys)
        self.requests = 0
        self.running = 0
        self.most_running = 0

    async def fetch(self, span: Span) -> Page[list[str]]:
        self.requests += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        found = [
            str(key)
            for key in self.keys
            if (span.after is None or key > int(span.after)) and (span.until is None or key <= int(span.until))
        ][:PAGE_ROWS]
        return Page(found, len(found), found[-1] if found else None)

    def spans(self, after: str | None = None) -> list[Span]:
        behind = [key for key in self.keys if after is None or key > int(after)]
        if not behind:
            return []
        return cut(after, str(behind[0]), str(behind[-1]), len(behind), page_rows=PAGE_ROWS)

    async def read(self, spans: list[Span], concurrency: int = 3) -> list[tuple[list[str], str | None]]:
        async with aclosing(pages(self.fetch, spans, page_rows=PAGE_ROWS, concurrency=concurrency)) as read:
            return [page async for page in read]


def rows(read: list[tuple[list[str], str | None]]) -> list[int]:
    return [int(key) for content, _ in read for key in content]


keys = st.lists(st.integers(-50, 400) | st.integers(0, 2**62), unique=True, max_size=80)


@given(keys)
async def test_every_key_is_read_once_and_in_order(keys):
    table = Table(keys)
    assert rows(await table.read(table.spans())) == table.keys


@given(keys)
async def test_reading_goes_on_exactly_behind_any_page(keys):
    table = Table(keys)
    read = await table.read(table.spans())
    for number, (_, place) in enumerate(read):
        if place is not None:
            assert rows(await table.read(table.spans(place))) == rows(read[number + 1 :])


uuids = st.lists(st.uuids() | st.uuids(version=4), unique=True, max_size=80)


class Uuids(Table):
    """The same, of keys that are texts."""

    def __init__(self, keys: list[UUID]) -> None:
        super().__init__([])
        self.texts = sorted(map(str, keys))

    async def fetch(self, span: Span) -> Page[list[str]]:
        found = [key for key in self.texts if key > (span.after or "") and (span.until is None or key <= span.until)]
        page = found[:PAGE_ROWS]
        return Page(page, len(page), page[-1] if page else None)

    def spans(self, after: str | None = None) -> list[Span]:
        behind = [key for key in self.texts if after is None or key > after]
        return cut(after, behind[0], behind[-1], len(behind), page_rows=PAGE_ROWS) if behind else []


@given(uuids)
async def test_every_uuid_is_read_once_in_order_and_resumed_behind_any_page(keys):
    table = Uuids(keys)
    read = await table.read(table.spans())
    assert [key for content, _ in read for key in content] == table.texts
    for number, (_, place) in enumerate(read):
        if place is not None:
            rest = await table.read(table.spans(place))
            assert [key for content, _ in rest for key in content] == [
                key for content, _ in read[number + 1 :] for key in content
            ]


def test_no_cut_between_uuids_can_be_taken_for_a_number():
    lowest, highest = "00000000-0000-4000-8000-000000000000", "99999999-0000-4000-8000-000000000000"
    spans = cut(None, lowest, highest, 1000, page_rows=PAGE_ROWS)
    assert len(spans) > 100
    assert not [span.until for span in spans if span.until and is_integer(span.until)]


def test_a_count_beyond_belief_is_not_believed():
    assert len(cut(None, "1", "9" * 18, 10**18, page_rows=500)) < 1_000_000


@given(keys)
async def test_an_open_span_reads_the_same(keys):
    table = Table(keys)
    assert rows(await table.read([Span(None)])) == table.keys


async def test_keys_without_gaps_cost_one_request_a_page():
    table = Table(list(range(1000, 1500)))
    await table.read(table.spans())
    assert table.requests == 100 + 1  # the last one looks behind the end


async def test_as_many_requests_as_allowed_are_in_flight():
    table = Table(list(range(500)))
    await table.read(table.spans(), concurrency=4)
    assert table.most_running == 4


async def test_keys_added_behind_the_last_one_are_read_too():
    table = Table(list(range(100)))
    spans = table.spans()
    table.keys += range(100, 130)
    assert rows(await table.read(spans)) == list(range(130))


def test_keys_that_are_neither_integers_nor_uuids_are_one_span():
    assert cut("0a", "0b", "ff", 10_000, page_rows=500) == [Span("0a")]


def test_few_rows_are_one_span():
    assert cut(None, "1", "99999", 500, page_rows=500) == [Span(None)]


async def test_a_failing_page_ends_the_reading_and_the_requests_in_flight():
    started: list[asyncio.Task[object] | None] = []

    async def fetch(span: Span) -> Page[list[str]]:
        started.append(asyncio.current_task())
        if span.after is None:
            raise ConnectionError
        await asyncio.Event().wait()
        raise AssertionError

    spans = [Span(None, "5"), Span("5", "10"), Span("10")]
    with pytest.raises(ConnectionError):
        async with aclosing(pages(fetch, spans, page_rows=PAGE_ROWS, concurrency=3)) as read:
            await anext(read)
    assert [task.done() for task in started if task] == [True] * len(started)


@pytest.mark.parametrize("last", [None, "5", "4"])
async def test_a_page_behind_which_reading_cannot_go_on_is_refused(last):
    async def fetch(_: Span) -> Page[list[str]]:
        return Page(["x"] * PAGE_ROWS, PAGE_ROWS, last)

    with pytest.raises(Permanent, match="not in order"):
        async with aclosing(pages(fetch, [Span("5")], page_rows=PAGE_ROWS, concurrency=1)) as read:
            await anext(read)


def test_a_span_is_written_as_conditions():
    assert Span("5", "10").conditions("@id") == ("@id > 5", "@id <= 10")
    assert Span("0a-b").conditions("@id") == ("@id > '0a-b'",)
    assert Span(None).conditions("@id") == ()
