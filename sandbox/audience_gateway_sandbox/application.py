"""The HTTP application that all emulated systems share: one port, one way to spell an address, errors as JSON."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

LARGEST_BODY = 11 << 20
"""Bodies up to 10 MiB are taken (sandbox 1.8); a form around one needs a little more."""

_LOG = logging.getLogger(__name__)
_SLASHES = re.compile(r"/{2,}")


def application(routes: Iterable[web.RouteDef], around: Sequence[Middleware] = ()) -> web.Application:
    """Put the addresses of all systems together; `around` are middlewares that every call passes."""
    middlewares = [_errors_as_json, *around, _slashes_do_not_count]
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=middlewares)
    app.add_routes(routes)
    return app


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _error(error.status, error.reason)
    except ConnectionError:
        raise
    except Exception:  # noqa: BLE001  # whatever it was, its text belongs into the log and not into the answer
        _LOG.exception("A request failed.")
        return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


@web.middleware
async def _slashes_do_not_count(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer `/a//b/` as `/a/b`, directly: clients of all verbs write both, and a redirect would lose a body."""
    path = _SLASHES.sub("/", request.rel_url.raw_path).rstrip("/") or "/"
    if path == request.rel_url.raw_path:
        return await handler(request)
    plain = request.rel_url.with_path(path, encoded=True).with_query(request.rel_url.query)
    found = await request.app.router.resolve(request.clone(rel_url=plain))
    request.match_info.update(found)
    return await found.handler(request)


def _error(status: int, reason: str) -> web.Response:
    return web.json_response({"code": int(status), "message": reason}, status=status)
