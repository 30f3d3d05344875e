"""Answers lists: searched, sorted, bare or a page of them (audience-manager 1.2, sandbox 4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.rest.errors import malformed
from audience_gateway_sandbox.audience_manager.rest.queries import flag, number

_PAGE_SIZE = 10


def listed(request: web.Request, rows: Sequence[Mapping[str, Any]]) -> web.Response:
    """Answer rows that stand in a stable order: an array, or an object if a page is asked for."""
    rows = _sorted(request, _searched(request, rows))
    if not request.query.keys() & {"page", "pageSize"}:
        return web.json_response(rows)
    page, size = number(request, "page", 0), number(request, "pageSize", _PAGE_SIZE)
    if not size:
        raise malformed("pageSize has to be a number from 1.")
    part = rows[page * size : (page + 1) * size]
    return web.json_response({"total": len(rows), "page": page, "pageSize": size, "list": part})


def _searched(request: web.Request, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    wanted = request.query.get("search", "").casefold()
    if not wanted:
        return rows
    return [row for row in rows if any(wanted in str(value).casefold() for value in row.values())]


def _sorted(request: web.Request, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    name, descending = request.query.get("sortBy", ""), flag(request, "descending")
    if not name:
        return rows
    return sorted(rows, key=lambda row: _rank(row.get(name)), reverse=descending)


def _rank(value: object) -> tuple[int, float, str]:
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, int | float):
        return 1, float(value), ""
    return 2, 0.0, str(value).casefold()
