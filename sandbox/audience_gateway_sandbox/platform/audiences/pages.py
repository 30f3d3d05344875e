"""Pages of lists, as the segmentation service has them (rtcdp 1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.platform.wire import Call, Refusal

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000
_DIRECTIONS = frozenset({"asc", "desc"})


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted."""

    field: str
    direction: str

    @classmethod
    def of(cls, call: Call, default: str = "creationTime:desc") -> Order:
        """Read the query parameter `sort`, `field:asc` or `field:desc`. Raises Refusal."""
        field, _, direction = call.text("sort", default).partition(":")
        direction = direction.lower() or "asc"
        if direction not in _DIRECTIONS or not field:
            raise Refusal(400, "The query parameter sort must be field:asc or field:desc.")
        return cls(field, direction)

    def sorted(self, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Sort objects that come newest first; those that are alike stay in that order."""
        return sorted(objects, key=lambda each: _comparable(each.get(self.field)), reverse=self.direction == "desc")


def limit_of(call: Call) -> int:
    """Read the query parameter `limit`."""
    return call.number("limit", DEFAULT_LIMIT, least=1, most=LARGEST_LIMIT)


def pages_of(count: int, limit: int) -> int:
    """Tell how many pages a list has."""
    return -(-count // limit)


def page_from_start(call: Call, objects: Sequence[dict[str, Any]], *, by_page: bool = False) -> dict[str, Any]:
    """Make a page with `children`, `_page` and `_links`; `_page.next` is absent on the last (sandbox 5.2).

    Args:
        call: with `start` and `limit`.
        objects: the whole list.
        by_page: `start` counts pages, not rows.
    """
    limit, start = limit_of(call), call.number("start", 0)
    first = start * limit if by_page else start
    beyond = first + limit
    following = {"next": start + 1 if by_page else beyond} if beyond < len(objects) else {}
    children = list(objects[first:beyond])
    page = {
        "totalCount": len(objects),
        "totalPages": pages_of(len(objects), limit),
        "pageSize": len(children),
        "limit": limit,
        "start": start,
        **following,
    }
    return {"children": children, "_page": page, "_links": {"next": _address(call, limit, page)}}


def _address(call: Call, limit: int, page: dict[str, Any]) -> dict[str, str]:
    if "next" not in page:
        return {}
    name = call.path.rpartition("/")[2]
    return {"href": f"@/{name}?start={page['next']}&limit={limit}&totalCount={page['totalCount']}"}


def _comparable(value: object) -> tuple[int, Any]:
    """Make what is of different kinds comparable: nothing before numbers, numbers before text."""
    if isinstance(value, int | float):
        return 1, value
    return (2, value) if isinstance(value, str) else (0, 0)
