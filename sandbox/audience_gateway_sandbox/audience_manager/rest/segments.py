"""`/segments` (audience-manager 1.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import Segment
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_ids, json_object, number_of
from audience_gateway_sandbox.audience_manager.rest.callers import SEGMENT, Caller
from audience_gateway_sandbox.audience_manager.rest.codes import by_number_or_code
from audience_gateway_sandbox.audience_manager.rest.errors import conflict, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import flag
from audience_gateway_sandbox.audience_manager.rest.references import check_room
from audience_gateway_sandbox.audience_manager.rest.segment_checks import check_segment
from audience_gateway_sandbox.audience_manager.rest.segment_views import SegmentViews, found_segments
from audience_gateway_sandbox.audience_manager.rest.singles import check_unchanged, deleted, single

_REQUIRED = ("name", "segment_rule", "data_source_id", "folder_id")
_BODY = Body(
    Segment, [*_REQUIRED, "merge_rule_data_source_id", "description", "integration_code", "status"], _REQUIRED, ["name"]
)


class Segments:
    """Answers what is asked of segments."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._table = api.store.segments
        self._views = SegmentViews(api)

    async def list(self, request: web.Request) -> web.Response:
        """List those that the caller may see."""
        caller = self._api.caller(request)
        wanted = request.query.getall("permissions", []) + request.query.getall("permission", []) or ["READ"]
        visible = [
            each
            for each in found_segments(self._table, request)
            if all(caller.may(name, SEGMENT, each.sid, each.cr_uid) for name in wanted)
        ]
        data_sources = flag(request, "includeTraitDataSourceIds")
        return listed(request, visible, lambda each: self._views.view(request, caller, each, data_sources=data_sources))

    async def create(self, request: web.Request) -> web.Response:
        """Make one."""
        body, caller = await json_object(request), self._api.caller(request)
        caller.require("CREATE", SEGMENT)
        segment = _BODY.new(body, **self._api.created(caller))
        check_segment(self._api.store, caller, segment)
        check_room(self._table.count(), self._api.assumptions.most_segments, "segments")
        return single(request, self._whole(request, caller, self._table.create(segment)), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        caller = self._api.caller(request)
        return single(request, self._whole(request, caller, self._for("READ", caller, request)))

    async def update(self, request: web.Request) -> web.Response:
        """Change one."""
        body, caller = await json_object(request), self._api.caller(request)
        old = self._for("WRITE", caller, request)
        check_unchanged(request, self._whole(request, caller, old))
        segment = _BODY.changed(old, body, **self._api.updated(caller))
        check_segment(self._api.store, caller, segment)
        self._table.update(segment)
        return single(request, self._whole(request, caller, segment))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one that is mapped to no destination."""
        caller = self._api.caller(request)
        segment = self._for("DELETE", caller, request)
        check_unchanged(request, self._whole(request, caller, segment))
        self._check_unmapped([segment.sid])
        self._table.delete(segment.sid)
        return deleted()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Remove several, or none if one of them cannot be removed."""
        ids, caller = await json_ids(request), self._api.caller(request)
        for number in ids:
            segment = self._table.get(number)
            if segment is None:
                raise not_found("segment")
            caller.require("DELETE", SEGMENT, number, segment.cr_uid)
        self._check_unmapped(ids)
        with self._api.store.transaction():
            for number in ids:
                self._table.delete(number)
        return deleted()

    async def replace_merge_rule(self, request: web.Request) -> web.Response:
        """Give the segments of one merge rule another; the shape of the answer is an assumption."""
        body, caller = await json_object(request), self._api.caller(request)
        old, new = (
            self._rule(body, name) for name in ("existingMergeRuleDataSourceId", "replaceWithMergeRuleDataSourceId")
        )
        segments = self._table.all(merge_rule_data_source_id=old)
        for segment in segments:
            caller.require("WRITE", SEGMENT, segment.sid, segment.cr_uid)
        with self._api.store.transaction():
            for segment in segments:
                self._table.update(replace(segment, merge_rule_data_source_id=new, **self._api.updated(caller)))
        return web.json_response({"updatedSegments": [segment.sid for segment in segments]})

    def _for(self, permission: str, caller: Caller, request: web.Request) -> Segment:
        segment = by_number_or_code(self._table, request, "segment")
        caller.require(permission, SEGMENT, segment.sid, segment.cr_uid)
        return segment

    def _whole(self, request: web.Request, caller: Caller, segment: Segment) -> Mapping[str, Any]:
        return self._views.view(request, caller, segment, data_sources=True)

    def _rule(self, body: Mapping[str, Any], name: str) -> int:
        number = number_of(body.get(name))
        if number is None or self._api.store.merge_rules.get(number) is None:
            raise malformed(f"{name} is no merge rule.", [f"{name}: is unknown"])
        return number

    def _check_unmapped(self, sids: Sequence[int]) -> None:
        mapped = {each.sid for each in self._api.store.mappings.all(sid=tuple(sids))}
        if mapped:
            raise conflict(
                "The segment is mapped to a destination: remove the mapping first.",
                [f"{sid}: is mapped" for sid in sorted(mapped)],
            )
