"""Answers of the data collection servers: JSON, JSONP, or a pixel (audience-manager 6)."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.dcs.errors import Code, told
from audience_gateway_sandbox.audience_manager.dcs.events import NO_TARGET, Reply

COOKIE = "demdex"
COOKIE_SECONDS = 180 * 86400
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]*", re.ASCII)
_TRACE_BYTES = 8


def event_body(reply: Reply, region: int) -> dict[str, Any]:
    """Write what became of an event."""
    body: dict[str, Any] = {"stuff": [], "dcs_region": region, "tid": trace_id()}
    if reply.device is not None and not reply.opted_out:
        body["uuid"] = reply.device.uuid
    if reply.destinations:
        body["dests"] = list(reply.destinations)
    return body | errors_of(reply.errors)


def errors_of(errors: Sequence[Code]) -> dict[str, Any]:
    """Write errors, if there are any."""
    return {"errors": told(errors)} if errors else {}


def answer(body: Mapping[str, Any], errors: Sequence[Code], *, callback: str = "") -> web.Response:
    """Answer with JSON, or with a call of a function."""
    text, kind = json.dumps(body), "application/json"
    if callback and _CALLBACK.fullmatch(callback):
        text, kind = f"{callback}({text});", "application/javascript"
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=_headers(errors))


def pixel(errors: Sequence[Code]) -> web.Response:
    """Answer with a picture of one point."""
    return web.Response(body=_PIXEL, content_type="image/gif", headers=_headers(errors))


def redirection(address: str, errors: Sequence[Code]) -> web.Response:
    """Send the caller to another address."""
    return web.Response(status=web.HTTPFound.status_code, headers={**_headers(errors), "Location": address})


def remember(response: web.Response, reply: Reply) -> web.Response:
    """Set the cookie of the device; those who opted out get none that stands for anybody."""
    if reply.opted_out:
        response.set_cookie(COOKIE, NO_TARGET, max_age=COOKIE_SECONDS, path="/")
    elif reply.device is not None:
        response.set_cookie(COOKIE, reply.device.uuid, max_age=COOKIE_SECONDS, path="/")
    return response


def trace_id() -> str:
    """Make up the 12 characters that name an answer."""
    return base64.b64encode(secrets.token_bytes(_TRACE_BYTES)).decode()


def _headers(errors: Sequence[Code]) -> dict[str, str]:
    headers = {"Cache-Control": "no-cache, no-store, must-revalidate", "X-TID": trace_id()}
    if errors:
        headers["X-Error"] = ",".join(str(int(code)) for code in errors)
    return headers
