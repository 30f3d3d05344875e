"""What is the same for everybody: the common taxonomy and the regions of the DCS (audience-manager 1.3, 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.rest.errors import not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import in_path
from audience_gateway_sandbox.audience_manager.rest.singles import single
from audience_gateway_sandbox.audience_manager.store import milliseconds

_MADE_BY = 158
_MADE = milliseconds(datetime(2011, 3, 3, tzinfo=UTC))
_TOP = 0
_CATEGORIES = (
    (1, _TOP, "Arts & Entertainment"),
    (2, _TOP, "Automotive"),
    (3, _TOP, "Business"),
    (25, 1, "Books & Literature"),
    (49, 1, "Celebrity Fan/Gossip"),
    (72, 1, "Fine Art"),
)
"""The documents show these and say that there are more."""
_REGIONS = (
    (3, "Singapore", "apse"),
    (4, "Sao Paulo", "sae"),
    (6, "Dublin", "irl1"),
    (7, "Virginia", "use"),
    (8, "Sydney", "apse2"),
    (9, "Oregon", "usw2"),
    (11, "Tokyo", "tyo3"),
    (12, "India", "ind1"),
)


class Taxonomy:
    """Answers what is asked of categories."""

    async def list(self, request: web.Request) -> web.Response:
        """List those at the top."""
        return listed(request, _children(_TOP), dict)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        return single(request, _category(in_path(request, "id")))

    async def children(self, request: web.Request) -> web.Response:
        """List those below one."""
        return listed(request, _children(_category(in_path(request, "id"))["categoryID"]), dict)


class Regions:
    """Answers what is asked of the regions of the DCS."""

    async def list(self, request: web.Request) -> web.Response:
        """List them."""
        return listed(request, _REGIONS, lambda region: _region(*region))

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        number = in_path(request, "id")
        for each in _REGIONS:
            if each[0] == number:
                return single(request, _region(*each))
        raise not_found("region")


def _children(parent: int) -> Sequence[Mapping[str, Any]]:
    return [_category(number) for number, above, _ in _CATEGORIES if above == parent]


def _category(wanted: int) -> Mapping[str, Any]:
    for number, parent, name in _CATEGORIES:
        if number == wanted:
            made = {"crUID": _MADE_BY, "upUID": _MADE_BY}
            return {"categoryID": number, "parentCategoryID": parent, "name": name, "description": name, **made}
    raise not_found("category")


def _region(number: int, location: str, name: str) -> Mapping[str, Any]:
    return {
        "regionId": number,
        "location": location,
        "host": f"{name}.demdex.net",
        "code": name.upper(),
        "status": "ACTIVE",
        "createTime": _MADE,
        "updateTime": _MADE,
        "crUID": _MADE_BY,
        "upUID": _MADE_BY,
    }
