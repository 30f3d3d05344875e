"""The sandbox's own addresses of Customer Attributes: what Adobe's pages show, and who has which devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json import JSONDecodeError
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.customer_attributes.attribute_sources import AttributeSource, SourceError
from audience_gateway_sandbox.customer_attributes.customer_attributes import CustomerAttributes

_ROOT = "/sandbox/customer-attributes"
_SOURCE = f"{_ROOT}/{{alias}}"


def attribute_routes(service: CustomerAttributes) -> list[web.RouteDef]:
    """List the addresses."""
    pages = _Pages(service)
    return [
        web.get(_ROOT, pages.sources),
        web.post(_ROOT, pages.create),
        web.get(_SOURCE, pages.source),
        web.delete(_SOURCE, pages.delete),
        web.delete(f"{_SOURCE}/schema", pages.forget_schema),
        web.put(f"{_SOURCE}/subscriptions", pages.subscribe),
        web.post(f"{_SOURCE}/aliases", pages.alias),
        web.get(f"{_SOURCE}/customers/{{customer}}", pages.customer),
    ]


class _Pages:
    def __init__(self, service: CustomerAttributes) -> None:
        self._service = service

    async def sources(self, _: web.Request) -> web.Response:
        return web.json_response({"sources": self._service.sources()})

    async def create(self, request: web.Request) -> web.Response:
        body = await _object(request)
        try:
            source = AttributeSource(
                str(body.get("alias_id", "")), str(body.get("title", "")), _texts(body.get("types", {}))
            )
            self._service.create(source)
        except SourceError as error:
            return _refused(error)
        return web.json_response(self._service.tell(source.alias_id), status=201)

    async def source(self, request: web.Request) -> web.Response:
        return self._answered(request, self._service.tell)

    async def delete(self, request: web.Request) -> web.Response:
        return self._answered(request, self._service.delete)

    async def forget_schema(self, request: web.Request) -> web.Response:
        return self._answered(request, self._service.forget_schema)

    async def subscribe(self, request: web.Request) -> web.Response:
        body = await _object(request)
        lists = {name: [str(one) for one in found] for name, found in body.items() if isinstance(found, list)}
        return self._answered(request, lambda alias: self._service.subscribe(alias, lists))

    async def alias(self, request: web.Request) -> web.Response:
        body = await _object(request)
        if not all(isinstance(count, int) and count >= 0 for count in body.values()):
            raise web.HTTPBadRequest(reason="The body needs a number of devices for each customer ID.")
        return self._answered(request, lambda alias: self._service.alias(alias, body))

    async def customer(self, request: web.Request) -> web.Response:
        return self._answered(request, lambda alias: self._service.look_up(alias, request.match_info["customer"]))

    def _answered(self, request: web.Request, call: Callable[[str], Mapping[str, Any] | None]) -> web.Response:
        try:
            return web.json_response(call(request.match_info["alias"]) or {})
        except KeyError:
            return web.json_response({"code": 404, "message": "There is no such source or customer."}, status=404)
        except SourceError as error:
            return _refused(error)


async def _object(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise web.HTTPBadRequest(reason="The body is not JSON.") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(reason="The body is not a JSON object.")
    return body


def _texts(value: object) -> Mapping[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _refused(error: SourceError) -> web.Response:
    return web.json_response({"code": 409, "message": str(error)}, status=409)
