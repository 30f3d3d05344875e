"""The sandbox's own addresses of the Audience Library: what its page shows, and what its picker creates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.people.audience_library import AudienceLibrary, LibraryError, SharedAudience

_ROOT = "/sandbox/audience-library"


def library_routes(library: AudienceLibrary) -> list[web.RouteDef]:
    """List the addresses."""
    pages = _Pages(library)
    return [web.get(_ROOT, pages.all), web.post(_ROOT, pages.share), web.get(f"{_ROOT}/{{id:[0-9]+}}", pages.find)]


class _Pages:
    def __init__(self, library: AudienceLibrary) -> None:
        self._library = library

    async def all(self, _: web.Request) -> web.Response:
        return web.json_response({"audiences": [_as_json(each) for each in self._library.all()]})

    async def find(self, request: web.Request) -> web.Response:
        found = self._library.find(int(request.match_info["id"]))
        if found is None:
            raise web.HTTPNotFound
        return web.json_response(_as_json(found))

    async def share(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except (JSONDecodeError, UnicodeDecodeError):
            raise web.HTTPBadRequest(reason="The body is not JSON.") from None
        number = body.get("dataSourceId") if isinstance(body, dict) else None
        if not isinstance(number, int):
            raise web.HTTPBadRequest(reason="The body needs the number of a data source, `dataSourceId`.")
        try:
            made = self._library.share(str(body.get("title", "")), str(body.get("description", "")), number)
        except LibraryError as error:
            return web.json_response({"code": 409, "message": str(error)}, status=HTTPStatus.CONFLICT)
        return web.json_response(_as_json(made), status=HTTPStatus.CREATED)


def _as_json(audience: SharedAudience) -> Mapping[str, Any]:
    values = asdict(audience) | {
        "created_at": audience.created_at.isoformat(),
        "updated_at": audience.updated_at.isoformat(),
    }
    return {_camel(name): value for name, value in values.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
