"""Reads a table in order of a key, several pages at a time: spans of keys side by side, each by keyset paging.

Campaign gives no cursor, and skipping rows by number is neither stable nor fast (campaign 3.6). Integer keys (v7) and
UUIDs (v8) are cut into spans that hold about one page each. Other keys are read as one open span, page after page.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from audience_gateway.sdk import Permanent

from audience_gateway_campaign.columns import column
from audience_gateway_campaign.query import Query, is_integer, key_literal
from audience_gateway_campaign.reading import count, select
from audience_gateway_campaign.session import Session

T = TypeVar("T")
KEY = "@id"
"""Attribute that holds the primary key of a record."""

_FILL = 0.9
_MOST_ROWS = 200_000_000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Span:
    """Keys behind `after` up to `until`, which belongs to it; None is without end."""

    after: str | None
    until: str | None = None

    def conditions(self, key: str) -> tuple[str, ...]:
        """Write the span as conditions on a key attribute."""
        limits = ((">", self.after), ("<=", self.until))
        return tuple(f"{key} {sign} {key_literal(limit)}" for sign, limit in limits if limit is not None)

    def of(self, query: Query, key: str = KEY) -> Query:
        """Restrict a query to the span, in order of the key."""
        return replace(query, where=(*query.where, *self.conditions(key)), order_by=key)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What was found at the beginning of a span.

    Attributes:
        content: the rows.
        rows: how many records of the table they stand for; fewer than a full page end the span.
        last: key of the last record; None if there is none.
    """

    content: T
    rows: int
    last: str | None


async def spans(session: Session, query: Query, after: str | None) -> list[Span]:
    """Cut a query's primary keys behind `after` into spans to be read side by side; together they hold every key."""
    behind = Span(after).of(query)
    lowest, highest, rows = await asyncio.gather(
        _end(session, behind),
        _end(session, replace(behind, descending=True)),
        count(session, behind),
    )
    if lowest is None or highest is None:
        return []
    return cut(after, lowest, highest, rows, page_rows=query.rows)


def cut(after: str | None, lowest: str, highest: str, rows: int, *, page_rows: int) -> list[Span]:
    """Cut the keys behind `after` into spans of about one page each.

    Args:
        after: key behind which the first span begins.
        lowest: the first key that there is.
        highest: the last one.
        rows: how many there are; a wrong number makes reading slower, not wrong.
        page_rows: rows of a page.
    """
    rows = min(rows, _MOST_ROWS)
    if rows <= page_rows:
        return [Span(after)]
    if is_integer(lowest) and is_integer(highest):
        cuts = _integer_cuts(int(lowest), int(highest), rows, page_rows)
    elif _UUID.fullmatch(lowest) and _UUID.fullmatch(highest):
        cuts = _uuid_cuts(_beginning(lowest), _beginning(highest), rows, page_rows)
    else:
        cuts = []
    return [Span(start, end) for start, end in zip([after, *cuts], [*cuts, None], strict=True)]


def _integer_cuts(first: int, last: int, rows: int, page_rows: int) -> list[str]:
    # A span of keys without gaps is filled exactly; one with gaps is made too narrow, lest it take two pages.
    keys = last - first + 1
    width = page_rows if rows >= keys else max(1, int(_FILL * page_rows * keys / rows))
    return [str(key) for key in range(first - 1 + width, last, width)]


def _uuid_cuts(first: int, last: int, rows: int, page_rows: int) -> list[str]:
    # UUIDs are spread evenly but by chance, hence the room left. The hyphen keeps the cut from being a number.
    width = max(1, int(_FILL * page_rows * (last - first + 1) / rows))
    return [f"{beginning:08x}-" for beginning in range(first + width, last, width)]


def _beginning(uuid: str) -> int:
    return int(uuid[:8], 16)


async def pages(
    fetch: Callable[[Span], Awaitable[Page[T]]], spans: Iterable[Span], *, page_rows: int, concurrency: int
) -> AsyncGenerator[tuple[T, str | None], None]:
    """Read spans in their order, `concurrency` at a time.

    Yields the content of each page, and the key behind which reading goes on after it; None if that is not known, which
    only the last page can be.
    """
    waiting = iter(spans)
    reading: deque[tuple[Span, asyncio.Task[Page[T]]]] = deque()

    def start(span: Span) -> tuple[Span, asyncio.Task[Page[T]]]:
        return span, asyncio.ensure_future(fetch(span))

    try:
        while True:
            while len(reading) < concurrency and (span := next(waiting, None)):
                reading.append(start(span))
            if not reading:
                return
            span, task = reading[0]
            page = await task
            reading.popleft()
            _check(span, page)
            if page.rows >= page_rows and page.last != span.until:
                reading.appendleft(start(Span(page.last, span.until)))
                yield page.content, page.last
            else:
                yield page.content, span.until or page.last
    finally:
        for _, task in reading:
            task.cancel()
        await asyncio.gather(*(task for _, task in reading), return_exceptions=True)


def _check(span: Span, page: Page[T]) -> None:
    """Refuse a page behind which reading could not go on: it would be read again and again, or rows be left out."""
    if page.rows and (page.last is None or page.last == span.after or _runs_back(span.after, page.last)):
        raise Permanent(
            "Campaign's answer to a query is not in order of its key.",
            remedy="Check that nothing between the gateway and the instance rewrites answers.",
        )


def _runs_back(after: str | None, last: str) -> bool:
    return after is not None and is_integer(after) and is_integer(last) and int(last) < int(after)


async def _end(session: Session, query: Query) -> str | None:
    end = replace(query, select=(KEY,), rows=1)
    return await select(session, end, lambda rows: next(iter(column(rows, KEY)), None))
