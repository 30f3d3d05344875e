"""`/groups`, their permissions, and what can be permitted (audience-manager 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import PARTNER_ID, Group, Permission
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_array, json_ids, json_object
from audience_gateway_sandbox.audience_manager.rest.callers import WILDCARDS
from audience_gateway_sandbox.audience_manager.rest.errors import malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import in_path
from audience_gateway_sandbox.audience_manager.rest.singles import deleted, single

_GROUP = Body(Group, ["name", "description", "wildcards"], ["name"])
_REQUIRED = ("object_type", "object_id", "permissions")
_PERMISSION = Body(Permission, _REQUIRED, _REQUIRED)
_EVERY_WILDCARD = {wildcard for permissions in WILDCARDS.values() for wildcard in permissions.values()}


class Groups:
    """Answers what is asked of groups, by administrators."""

    def __init__(self, api: Api) -> None:
        self._api, self._table = api, api.store.groups

    async def list(self, request: web.Request) -> web.Response:
        """List them."""
        self._api.caller(request).require_admin()
        return listed(request, self._table.all(), self._view)

    async def create(self, request: web.Request) -> web.Response:
        """Make one; that its wildcards are set here is an assumption."""
        body = await json_object(request)
        self._api.caller(request).require_admin()
        group = _checked(_GROUP.new(body, pid=PARTNER_ID))
        return single(request, self._view(self._table.create(group)), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        return single(request, self._view(self._found(in_path(request, "id"), request)))

    async def update(self, request: web.Request) -> web.Response:
        """Change one."""
        body = await json_object(request)
        group = _checked(_GROUP.changed(self._found(in_path(request, "id"), request), body))
        self._table.update(group)
        return single(request, self._view(group))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one, and its members from it."""
        group = self._found(in_path(request, "id"), request)
        with self._api.store.transaction():
            self._remove(group.group_id)
        return deleted()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Remove several, or none if one of them is not there."""
        ids = [self._found(number, request).group_id for number in await json_ids(request)]
        with self._api.store.transaction():
            for number in ids:
                self._remove(number)
        return deleted()

    async def permissions(self, request: web.Request) -> web.Response:
        """List what a group may do with single objects."""
        group = self._found(in_path(request, "id"), request)
        found = self._api.store.permissions.all(group_id=group.group_id)
        return listed(request, found, lambda each: as_json(each, without=("permission_id", "group_id")))

    async def set_permissions(self, request: web.Request) -> web.Response:
        """Set what a group may do, instead of what it might before."""
        bodies = await json_array(request)
        group = self._found(in_path(request, "id"), request)
        if not all(isinstance(body, dict) for body in bodies):
            raise malformed("The body has to be a JSON array of objects.")
        wanted = [self._permission(group, body) for body in bodies]
        table = self._api.store.permissions
        with self._api.store.transaction():
            for old in table.all(group_id=group.group_id):
                table.delete(old.permission_id)
            for new in wanted:
                table.create(new)
        return await self.permissions(request)

    async def object_types(self, _: web.Request) -> web.Response:
        """List the types of objects that something can be permitted for."""
        return web.json_response(list(WILDCARDS))

    async def object_type(self, request: web.Request) -> web.Response:
        """Tell what can be permitted for a type."""
        permissions = WILDCARDS.get(request.match_info["type"])
        if permissions is None:
            raise not_found("object type")
        return web.json_response({"wildcard": list(permissions.values()), "perObject": list(permissions)})

    def _found(self, number: int, request: web.Request) -> Group:
        self._api.caller(request).require_admin()
        group = self._table.get(number)
        if group is None:
            raise not_found("group")
        return group

    def _permission(self, group: Group, body: Mapping[str, Any]) -> Permission:
        permission = _PERMISSION.new(body, group_id=group.group_id)
        store = self._api.store
        tables: Mapping[str, Any] = {
            "SEGMENT": store.segments,
            "TRAIT": store.traits,
            "DESTINATION": store.destinations,
        }
        if permission.object_type not in tables or tables[permission.object_type].get(permission.object_id) is None:
            raise malformed("A permission names an object that is not there.", ["objectId: is unknown"])
        if not set(permission.permissions) <= set(WILDCARDS[permission.object_type]):
            raise malformed("A permission is not one of its object type.", ["permissions: is unknown"])
        return permission

    def _remove(self, number: int) -> None:
        store = self._api.store
        for user in store.users.all():
            if number in user.groups:
                left = tuple(each for each in user.groups if each != number)
                store.users.update(replace(user, groups=left))
        for permission in store.permissions.all(group_id=number):
            store.permissions.delete(permission.permission_id)
        self._table.delete(number)

    def _view(self, group: Group) -> Mapping[str, Any]:
        members = [user.user_id for user in self._api.store.users.all() if group.group_id in user.groups]
        return as_json(group) | {"membershipCount": len(members), "users": members}


def _checked(group: Group) -> Group:
    if unknown := sorted(set(group.wildcards) - _EVERY_WILDCARD):
        raise malformed("A wildcard is unknown.", [f"wildcards: {each} is unknown" for each in unknown])
    return group
