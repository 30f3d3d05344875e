"""`/destinations/{id}/mappings` (audience-manager 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import Destination, DestinationMapping, DestinationType, Segment
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.bodies import json_array, json_object
from audience_gateway_sandbox.audience_manager.rest.callers import DESTINATION, SEGMENT, Caller
from audience_gateway_sandbox.audience_manager.rest.errors import conflict, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.export_controls import check_export
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.mapping_bodies import changed_mapping, mapping_view, new_mapping
from audience_gateway_sandbox.audience_manager.rest.queries import in_path
from audience_gateway_sandbox.audience_manager.rest.singles import check_unchanged, deleted, single

_IN_LISTS = "destinationMappingId"


class Mappings:
    """Answers what is asked of the segments of a destination."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._table = api.store.mappings

    async def list(self, request: web.Request) -> web.Response:
        """List them."""
        destination = self._destination(request, "READ")
        found = self._table.all(destination_id=destination.destination_id)
        return listed(request, found, lambda each: mapping_view(self._api.store, each, _IN_LISTS))

    async def create(self, request: web.Request) -> web.Response:
        """Map a segment."""
        body, caller = await json_object(request), self._api.caller(request)
        destination = self._destination(request, "WRITE")
        mapping = self._table.create(self._made(caller, destination, body))
        url = destination.destination_type is DestinationType.URL
        view = mapping_view(self._api.store, mapping, "mappingId" if url else _IN_LISTS)
        return single(request, view, HTTPStatus.CREATED)

    async def bulk_create(self, request: web.Request) -> web.Response:
        """Map several segments, or none if one of them cannot be mapped."""
        bodies, caller = await json_array(request), self._api.caller(request)
        destination = self._destination(request, "WRITE")
        if not all(isinstance(body, dict) for body in bodies):
            raise malformed("The body has to be a JSON array of objects.")
        with self._api.store.transaction():
            mappings = [self._table.create(self._made(caller, destination, body)) for body in bodies]
        return web.json_response([mapping_view(self._api.store, each) for each in mappings], status=HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        destination = self._destination(request, "READ")
        return single(request, mapping_view(self._api.store, self._found(request, destination)))

    async def update(self, request: web.Request) -> web.Response:
        """Change one; the address does not name its destination."""
        body, caller = await json_object(request), self._api.caller(request)
        old = self._found(request)
        destination = self._required(caller, old.destination_id, "WRITE")
        check_unchanged(request, mapping_view(self._api.store, old))
        mapping = changed_mapping(destination, old, body, **self._api.updated(caller))
        self._check(caller, destination, mapping)
        self._table.update(mapping)
        return single(request, mapping_view(self._api.store, mapping))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one."""
        mapping = self._found(request, self._destination(request, "WRITE"))
        self._table.delete(mapping.mapping_id)
        return deleted()

    def _made(self, caller: Caller, destination: Destination, body: Mapping[str, Any]) -> DestinationMapping:
        mapping = new_mapping(destination, body, **self._api.created(caller))
        self._check(caller, destination, mapping)
        return mapping

    def _check(self, caller: Caller, destination: Destination, mapping: DestinationMapping) -> None:
        check_export(self._api.store, self._segment(caller, mapping.sid), destination)
        same = self._table.all(destination_id=destination.destination_id, sid=mapping.sid)
        if any(each.mapping_id != mapping.mapping_id for each in same):
            raise conflict("The segment is mapped to this destination already.", ["sid: is mapped"])

    def _segment(self, caller: Caller, sid: int) -> Segment:
        segment = self._api.store.segments.get(sid)
        if segment is None:
            raise malformed("sid is no segment.", ["sid: is unknown"])
        caller.require("MAP_TO_DESTINATION", SEGMENT, sid, segment.cr_uid)
        return segment

    def _destination(self, request: web.Request, permission: str) -> Destination:
        return self._required(self._api.caller(request), in_path(request, "id"), permission)

    def _required(self, caller: Caller, number: int, permission: str) -> Destination:
        destination = self._api.store.destinations.get(number)
        if destination is None:
            raise not_found("destination")
        caller.require(permission, DESTINATION, number, destination.cr_uid)
        return destination

    def _found(self, request: web.Request, destination: Destination | None = None) -> DestinationMapping:
        mapping = self._table.get(in_path(request, "mapping"))
        if mapping is None or (destination is not None and mapping.destination_id != destination.destination_id):
            raise not_found("mapping")
        return mapping
