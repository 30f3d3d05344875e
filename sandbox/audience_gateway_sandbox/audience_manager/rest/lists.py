"""Answers lists: searched, sorted, bare or a page of them (audience-manager 1.2, sandbox 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from aiohttp import web

from audience_gateway_sandbox.audience_manager.rest.errors import malformed
from audience_gateway_sandbox.audience_manager.rest.queries import flag, number

Value = TypeVar("Value")
_PAGE_SIZE = 10


def listed(request: web.Request, values: Sequence[Value], view: Callable[[Value], Mapping[str, Any]]) -> web.Response:
    """Answer values that stand in a stable order: an array, or an object if a page is asked for.

    Args:
        request: the call.
        values: all of the list.
        view: makes a row of a value; only of those that are looked at.
    """
    wanted, name, descending = (
        request.query.get("search", ""),
        request.query.get("sortBy", ""),
        flag(request, "descending"),
    )
    paged = bool(request.query.keys() & {"page", "pageSize"})
    page, size = number(request, "page", 0), number(request, "pageSize", _PAGE_SIZE)
    if not size:
        raise malformed("pageSize has to be a number from 1.")
    part = slice(page * size, (page + 1) * size) if paged else slice(None)
    if wanted or name:
        rows = _sorted(_searched([view(value) for value in values], wanted), name, descending=descending)
        total, rows = len(rows), rows[part]
    else:
        total, rows = len(values), [view(value) for value in values[part]]
    return web.json_response({"total": total, "page": page, "pageSize": size, "list": rows} if paged else rows)


def _searched(rows: Sequence[Mapping[str, Any]], wanted: str) -> Sequence[Mapping[str, Any]]:
    part = wanted.casefold()
    return [row for row in rows if any(part in str(value).casefold() for value in row.values())]


def _sorted(rows: Sequence[Mapping[str, Any]], name: str, *, descending: bool) -> Sequence[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: _rank(row.get(name)), reverse=descending) if name else rows


def _rank(value: object) -> tuple[int, float, str]:
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, int | float):
        return 1, float(value), ""
    return 2, 0.0, str(value).casefold()
