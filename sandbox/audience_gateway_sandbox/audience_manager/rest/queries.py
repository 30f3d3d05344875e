"""Reads query parameters (audience-manager 1.2, sandbox 1.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.rest.bodies import number_of
from audience_gateway_sandbox.audience_manager.rest.errors import malformed
from audience_gateway_sandbox.audience_manager.store import moment_of

_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_LATEST_MILLISECONDS = 253_402_300_799_999
"""The end of the year 9999."""


def flag(request: web.Request, name: str) -> bool:
    """Read a boolean; absent or empty is false. Refuses what is none."""
    text = request.query.get(name, "")
    if not text:
        return False
    if text.lower() not in _FLAGS:
        raise malformed(f"{name} has to be true or false.")
    return _FLAGS[text.lower()]


def number(request: web.Request, name: str, default: int) -> int:
    """Read a number from 0. Refuses what is none."""
    text = request.query.get(name, "")
    found = number_of(text) if text else default
    if found is None:
        raise malformed(f"{name} has to be a number from 0.")
    return found


def numbers(request: web.Request, name: str) -> tuple[int, ...]:
    """Read a parameter that may repeat. Refuses what is no number."""
    found = [number_of(text) for text in request.query.getall(name, []) if text]
    if None in found:
        raise malformed(f"{name} has to be a number.")
    return tuple(each for each in found if each is not None)


def moment(request: web.Request, name: str) -> datetime:
    """Read a moment that is needed, in milliseconds. Refuses what is none."""
    found = number_of(request.query.get(name, ""))
    if found is None or found > _LATEST_MILLISECONDS:
        raise malformed(f"{name} has to be a time in milliseconds.")
    return moment_of(found)


def having(request: web.Request, **parameters: str) -> dict[str, Any]:
    """Read what narrows a list, by the fields: `data_source_id="dataSourceId"`. An absent parameter narrows nothing."""
    found = {field: numbers(request, name) for field, name in parameters.items()}
    return {field: values for field, values in found.items() if values}


def texts(request: web.Request, **parameters: str) -> dict[str, Any]:
    """Do the same with fields that are text."""
    return {field: request.query[name] for field, name in parameters.items() if request.query.get(name)}


def in_path(request: web.Request, name: str) -> int:
    """Read an id in the address; what is no number is the id of nothing."""
    found = number_of(request.match_info[name])
    return -1 if found is None else found
