"""What no call of the REST API does: Adobe makes destinations between servers, people make merge rules by hand."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import (
    DataSource,
    DataSourceType,
    DestinationType,
    MergeRule,
    User,
)
from audience_gateway_sandbox.audience_manager.rest import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_object
from audience_gateway_sandbox.audience_manager.rest.callers import Caller
from audience_gateway_sandbox.audience_manager.rest.destination_bodies import new_destination, whole_destination
from audience_gateway_sandbox.audience_manager.rest.errors import answering, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.queries import in_path
from audience_gateway_sandbox.audience_manager.rest.references import check_data_source, check_room

_BASE = "/sandbox/audience-manager"
_SOURCE = Body(DataSource, ["name", "description", "data_export_restrictions"], ["name"])
_RULE = Body(
    MergeRule,
    ["name", "authenticated", "device", "authenticated_source_ids", "device_graph_source_id", "is_default"],
    ["name"],
)
_RIGHTS = Body(User, ["groups", "is_admin", "status"], [])
_ADOBE = Caller(User(username=""), unbound=True)


def provisioning_routes(api: Api) -> list[web.RouteDef]:
    """List the addresses; they are the sandbox's own, without tokens."""
    provisioning = _Provisioning(api)
    return [
        web.get(f"{_BASE}/merge-rules", answering(provisioning.merge_rules)),
        web.post(f"{_BASE}/merge-rules", answering(provisioning.make_merge_rule)),
        web.post(f"{_BASE}/destinations", answering(provisioning.make_destination)),
        web.put(f"{_BASE}/users/{{id}}", answering(provisioning.set_rights)),
    ]


class _Provisioning:
    def __init__(self, api: Api) -> None:
        self._api, self._store = api, api.store

    async def merge_rules(self, _: web.Request) -> web.Response:
        return web.json_response([as_json(each) for each in self._store.merge_rules.all()])

    async def make_merge_rule(self, request: web.Request) -> web.Response:
        """Make a rule and the data source that stands for it."""
        body = await json_object(request)
        rule = _RULE.new(body)
        for number in rule.authenticated_source_ids:
            if not check_data_source(self._store, number).supports_authenticated_profile:
                raise malformed("Nobody logs on by ids of this data source.", ["authenticatedSourceIds: does not fit"])
        if rule.device_graph_source_id and not check_data_source(self._store, rule.device_graph_source_id).device_graph:
            raise malformed("The data source is no device graph.", ["deviceGraphSourceId: does not fit"])
        check_room(self._store.merge_rules.count(), self._api.assumptions.most_merge_rules, "merge rules")
        with self._store.transaction():
            made = _SOURCE.new(body, type=DataSourceType.MERGE_RULE, **self._api.created(_ADOBE))
            rule = _RULE.changed(rule, {}, data_source_id=self._store.data_sources.create(made).data_source_id)
            for other in self._store.merge_rules.all(is_default=True) if rule.is_default else ():
                self._store.merge_rules.update(_RULE.changed(other, {}, is_default=False))
            self._store.merge_rules.create(rule)
        return web.json_response(as_json(rule), status=HTTPStatus.CREATED)

    async def make_destination(self, request: web.Request) -> web.Response:
        """Make a destination between servers, for ids of a data source."""
        body = {**await json_object(request), "destinationType": DestinationType.SERVER_TO_SERVER}
        destination = new_destination(body, **self._api.created(_ADOBE))
        check_data_source(self._store, destination.data_source_id)
        count = self._store.destinations.count(destination_type=DestinationType.SERVER_TO_SERVER)
        check_room(count, self._api.assumptions.most_s2s_destinations, "S2S destinations")
        made = self._store.destinations.create(destination)
        return web.json_response(whole_destination(made), status=HTTPStatus.CREATED)

    async def set_rights(self, request: web.Request) -> web.Response:
        """Do what an administrator does: put a user into groups, or make him one."""
        body = await json_object(request)
        user = self._store.users.get(in_path(request, "id"))
        if user is None:
            raise not_found("user")
        user = _RIGHTS.changed(user, body)
        if any(self._store.groups.get(number) is None for number in user.groups):
            raise malformed("groups names a group that is not there.", ["groups: is unknown"])
        self._store.users.update(user)
        return web.json_response(as_json(user))
