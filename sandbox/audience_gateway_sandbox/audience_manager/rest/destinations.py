"""`/destinations` (audience-manager 1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import Destination, DestinationType
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import json_ids, json_object
from audience_gateway_sandbox.audience_manager.rest.callers import DESTINATION, Caller
from audience_gateway_sandbox.audience_manager.rest.destination_bodies import (
    changed_destination,
    destination_view,
    new_destination,
    whole_destination,
)
from audience_gateway_sandbox.audience_manager.rest.errors import conflict, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.mapping_bodies import mapping_view
from audience_gateway_sandbox.audience_manager.rest.queries import flag, in_path, moment, number
from audience_gateway_sandbox.audience_manager.rest.references import check_data_source, check_room
from audience_gateway_sandbox.audience_manager.rest.singles import check_unchanged, deleted, single

PLATFORMS = ("BROWSER", "ANDROID", "iOS", "ALL")


class Destinations:
    """Answers what is asked of destinations."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._table = api.store.destinations

    async def list(self, request: web.Request) -> web.Response:
        """List those that the caller may see, without their details."""
        caller = self._api.caller(request)
        found = self._table.all()
        if request.query.get("containsSegment"):
            sid = number(request, "containsSegment", 0)
            mapped = {each.destination_id for each in self._api.store.mappings.all(sid=sid)}
            found = [each for each in found if each.destination_id in mapped]
        visible = [each for each in found if caller.may("READ", DESTINATION, each.destination_id, each.cr_uid)]
        return listed(request, visible, lambda each: destination_view(each) | self._besides(request, each))

    async def create(self, request: web.Request) -> web.Response:
        """Make one for URLs or cookies: those between servers are made by Adobe."""
        body, caller = await json_object(request), self._api.caller(request)
        caller.require("CREATE", DESTINATION)
        destination = new_destination(body, **self._api.created(caller))
        if destination.destination_type is DestinationType.SERVER_TO_SERVER:
            raise malformed("Destinations of type S2S are not made by this API.", ["destinationType: is S2S"])
        self._check(destination)
        check_room(self._table.count(), self._api.assumptions.most_destinations, "destinations")
        return single(request, whole_destination(self._table.create(destination)), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        destination = self._for("READ", self._api.caller(request), in_path(request, "id"))
        view = whole_destination(destination) | self._besides(request, destination)
        if flag(request, "includeMappings"):
            mappings = self._api.store.mappings.all(destination_id=destination.destination_id)
            view["mappings"] = [mapping_view(self._api.store, each, "destinationMappingId") for each in mappings]
        return single(request, view)

    async def update(self, request: web.Request) -> web.Response:
        """Change one."""
        body, caller = await json_object(request), self._api.caller(request)
        old = self._for("WRITE", caller, in_path(request, "id"))
        check_unchanged(request, whole_destination(old))
        destination = changed_destination(old, body, **self._api.updated(caller))
        self._check(destination)
        self._table.update(destination)
        return single(request, whole_destination(destination))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one without mappings."""
        destination = self._for("DELETE", self._api.caller(request), in_path(request, "id"))
        check_unchanged(request, whole_destination(destination))
        self._check_unmapped([destination.destination_id])
        self._table.delete(destination.destination_id)
        return deleted()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Remove several, or none if one of them cannot be removed."""
        ids, caller = await json_ids(request), self._api.caller(request)
        for each in ids:
            self._for("DELETE", caller, each)
        self._check_unmapped(ids)
        with self._api.store.transaction():
            for each in ids:
                self._table.delete(each)
        return deleted()

    async def platforms(self, _: web.Request) -> web.Response:
        """List the platforms that there are."""
        return web.json_response(PLATFORMS)

    async def history(self, request: web.Request) -> web.Response:
        """Tell the transfers of a span of time."""
        destination = self._for("READ", self._api.caller(request), in_path(request, "id"))
        start, end = moment(request, "startDate"), moment(request, "endDate")
        rows = self._api.outbound.outbound_rows(destination.destination_id, start, end)
        return listed(request, rows, as_json)

    def _for(self, permission: str, caller: Caller, number: int) -> Destination:
        destination = self._table.get(number)
        if destination is None:
            raise not_found("destination")
        caller.require(permission, DESTINATION, number, destination.cr_uid)
        return destination

    def _besides(self, request: web.Request, destination: Destination) -> dict[str, Any]:
        besides: dict[str, Any] = {}
        if flag(request, "includeMasterDataSourceIdType"):
            source = self._api.store.data_sources.get(destination.data_source_id)
            besides["masterDataSourceIdType"] = None if source is None else source.id_type
        if flag(request, "includeMetrics"):
            besides["mappedSegments"] = self._api.store.mappings.count(destination_id=destination.destination_id)
        return besides

    def _check(self, destination: Destination) -> None:
        if destination.data_source_id:
            check_data_source(self._api.store, destination.data_source_id)

    def _check_unmapped(self, ids: Sequence[int]) -> None:
        mapped = {each.destination_id for each in self._api.store.mappings.all(destination_id=tuple(ids))}
        if mapped:
            raise conflict(
                "The destination has mappings: remove them first.", [f"{each}: has mappings" for each in sorted(mapped)]
            )
