"""Lists, in both their forms: a bare array of everything, or a page of it (audience-manager 1.2)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from audience_gateway.sdk.errors import Permanent
from audience_gateway.sdk.rest import Caller, Query

Item = Mapping[str, Any]

_MOST_PAGES = 100_000


async def items(caller: Caller, path: str, query: Query, page_size: int) -> AsyncGenerator[Item, None]:
    """Reads a list to its end, page by page if it comes in pages.

    Raises Permanent for an answer that is no list, and what a call raises.
    """
    read = 0
    for page in range(_MOST_PAGES):
        paging = [("page", str(page)), ("pageSize", str(page_size))]
        found, total = _read(caller, (await caller.call("GET", path, query=[*query, *paging])).content)
        for item in found:
            yield item
        read += len(found)
        if not found or total is None or read >= total:
            return
    raise Permanent(f"the list `{path}` has no end", place=caller.place)


async def count(caller: Caller, path: str, query: Query = ()) -> int:
    """How many items a list has, without reading them where the answer says it. Raises what `items` raises."""
    paging = [("page", "0"), ("pageSize", "1")]
    found, total = _read(caller, (await caller.call("GET", path, query=[*query, *paging])).content)
    return len(found) if total is None else total


def _read(caller: Caller, answer: object) -> tuple[list[Item], int | None]:
    """The items of an answer, and how many there are in all; None for those that are all."""
    found, total = answer, None
    if isinstance(answer, dict):
        found, total = answer.get("list"), answer.get("total")
        if not isinstance(total, int):
            found = None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Permanent(
            "found an answer that is no list",
            place=caller.place,
            remedy="Check `url` of the connection: it ends with /v1.",
        )
    return found, total
