"""Answers single objects, with tags for those who want to lock optimistically (audience-manager 1.2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.rest.errors import Refused

DELETED = HTTPStatus.NO_CONTENT


def single(request: web.Request, body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Answer an object and its tag; 304 if the caller has it already."""
    tag = _tag(body)
    if request.method == "GET" and tag in _tags(request, "If-None-Match"):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return web.json_response(body, status=status, headers={"ETag": tag})


def check_unchanged(request: web.Request, body: Mapping[str, Any]) -> None:
    """Refuse a change to an object that is not any more as the caller's `If-Match` says."""
    wanted = _tags(request, "If-Match")
    if wanted and "*" not in wanted and _tag(body) not in wanted:
        raise Refused(HTTPStatus.PRECONDITION_FAILED, "The object has been changed: read it anew.")


def deleted() -> web.Response:
    """Answer a deletion."""
    return web.Response(status=DELETED)


def _tags(request: web.Request, header: str) -> list[str]:
    return [each.strip() for each in request.headers.get(header, "").split(",") if each.strip()]


def _tag(body: Mapping[str, Any]) -> str:
    return f'"{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]}"'
