"""`/users` (audience-manager 1.1, 1.3). Nobody has a password here: users log on at the token service."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import PARTNER_ID, User
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_ids, json_object
from audience_gateway_sandbox.audience_manager.rest.callers import user_of
from audience_gateway_sandbox.audience_manager.rest.errors import conflict, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import in_path, numbers
from audience_gateway_sandbox.audience_manager.rest.singles import deleted, single

_OWN = ("first_name", "last_name", "email_address", "title", "phone_number")
_STATUSES = ("ACTIVE", "INACTIVE", "LOCKED")
_BODY = Body(User, [*_OWN, "username", "status", "groups", "is_admin"], ["username"])
_SELF = Body(User, [*_OWN, "status"], ["username"])


class Users:
    """Answers what is asked of users."""

    def __init__(self, api: Api) -> None:
        self._api, self._table = api, api.store.users

    async def read_self(self, request: web.Request) -> web.Response:
        """Tell who calls; the first call makes a technical account a user."""
        return single(request, as_json(user_of(self._api.store, self._api.account_of(request))))

    async def update_self(self, request: web.Request) -> web.Response:
        """Change who calls."""
        body = await json_object(request)
        return self._updated(request, _SELF.changed(self._api.caller(request).user, body))

    async def list(self, request: web.Request) -> web.Response:
        """List users, or those of some groups."""
        self._api.caller(request).require_admin()
        groups = set(numbers(request, "groupId"))
        found = [each for each in self._table.all() if not groups or groups & set(each.groups)]
        return listed(request, found, as_json)

    async def create(self, request: web.Request) -> web.Response:
        """Make one."""
        body = await json_object(request)
        self._api.caller(request).require_admin()
        user = _BODY.new(body, pid=PARTNER_ID)
        self._check(user)
        return single(request, as_json(self._table.create(user)), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        return single(request, as_json(self._found(request)))

    async def update(self, request: web.Request) -> web.Response:
        """Change one."""
        body = await json_object(request)
        return self._updated(request, _BODY.changed(self._found(request), body))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one, but not who calls."""
        return self._deleted(request, [self._found(request).user_id])

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Remove several, or none if one of them cannot be removed."""
        ids = await json_ids(request)
        self._api.caller(request).require_admin()
        if any(self._table.get(number) is None for number in ids):
            raise not_found("user")
        return self._deleted(request, ids)

    def _updated(self, request: web.Request, user: User) -> web.Response:
        self._check(user)
        self._table.update(user)
        return single(request, as_json(user))

    def _deleted(self, request: web.Request, ids: Any) -> web.Response:  # noqa: ANN401 - numbers in a row
        if self._api.caller(request).user.user_id in ids:
            raise conflict("You cannot remove yourself.")
        with self._api.store.transaction():
            for number in ids:
                self._table.delete(number)
        return deleted()

    def _found(self, request: web.Request) -> User:
        self._api.caller(request).require_admin()
        user = self._table.get(in_path(request, "id"))
        if user is None:
            raise not_found("user")
        return user

    def _check(self, user: User) -> None:
        if user.status not in _STATUSES:
            raise malformed(f"status is one of {', '.join(_STATUSES)}.", ["status: is unknown"])
        if any(self._api.store.groups.get(number) is None for number in user.groups):
            raise malformed("groups names a group that is not there.", ["groups: is unknown"])
        if any(each.user_id != user.user_id for each in self._table.all(username=user.username)):
            raise conflict("The username is taken.", ["username: is taken"])
