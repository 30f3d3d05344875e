"""Lists of Experience Platform: each service has an envelope and a way to the next page of its own (rtcdp 1.3, 6.8)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from audience_gateway.sdk import Permanent
from audience_gateway.sdk.rest import Caller, Query

Item = Mapping[str, Any]
Envelope = Mapping[str, Any]

_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Style:
    """How a list comes in pages.

    Attributes:
        items: what the envelope calls the items.
        following: parameter that asks for the next page, with its value; None behind the last one. It gets the
            envelope and the number of pages read.
    """

    items: str
    following: Callable[[Envelope, int], tuple[str, str] | None]


async def items(
    caller: Caller, path: str, style: Style, query: Query = (), *, page_size: int
) -> AsyncGenerator[Item, None]:
    """Reads a list to its end, page by page.

    A page whose successor is itself would never end, so that one that asks for the same again is an error.

    Raises Permanent for an answer that is no list, or that has no end, and what a call raises.
    """
    following: tuple[str, str] | None = None
    for read in range(1, _MOST_PAGES):
        asked = [*query, ("limit", str(page_size)), *([following] if following else [])]
        envelope = (await caller.call("GET", path, query=asked)).content
        for item in _items(caller, path, style, envelope):
            yield item
        before, following = following, style.following(envelope, read)
        if following is None:
            return
        if following == before:
            break
    raise Permanent(f"the list `{path}` has no end", place=caller.place)


def _items(caller: Caller, path: str, style: Style, envelope: object) -> list[Item]:
    found = envelope.get(style.items) if isinstance(envelope, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Permanent(
            f"found an answer that is no list of `{path}`",
            place=caller.place,
            remedy="Check `url` of the connection.",
        )
    return found


def _next_start(envelope: Envelope, _: int) -> tuple[str, str] | None:
    """`_page.next`, a number; absent or 0 behind the last page."""
    value = _part(envelope, "_page").get("next")
    return ("start", str(value)) if isinstance(value, int | str) and str(value) not in {"", "0"} else None


def _next_page(envelope: Envelope, read: int) -> tuple[str, str] | None:
    """Pages are counted from 0; there is no word of the next one, but of how many there are."""
    pages = _part(envelope, "page").get("totalPages")
    return ("page", str(read)) if isinstance(pages, int) and read < pages and envelope.get("segments") else None


def _next_link(envelope: Envelope, _: int) -> tuple[str, str] | None:
    """`_links.next`, an object with an address that holds `start`; an empty object behind the last page."""
    return _parameter(_part(_part(envelope, "_links"), "next").get("href"), "start")


def _next_offset(envelope: Envelope, _: int) -> tuple[str, str] | None:
    """`link.next`, an address that holds `offset`; empty behind the last page."""
    return _parameter(_part(envelope, "link").get("next"), "offset")


def _next_token(envelope: Envelope, _: int) -> tuple[str, str] | None:
    """`_links.next`, an object with an address that holds a token; absent behind the last page."""
    return _parameter(_part(_part(envelope, "_links"), "next").get("href"), "continuationToken")


def _part(envelope: Envelope, name: str) -> Envelope:
    part = envelope.get(name)
    return part if isinstance(part, dict) else {}


def _parameter(address: object, name: str) -> tuple[str, str] | None:
    values = parse_qs(urlsplit(address).query).get(name) if isinstance(address, str) else None
    return (name, values[0]) if values else None


AUDIENCES = Style("children", _next_start)
DEFINITIONS = Style("segments", _next_page)
JOBS = Style("children", _next_link)
EXPORT_JOBS = Style("records", _next_offset)
FLOW_OBJECTS = Style("items", _next_token)
