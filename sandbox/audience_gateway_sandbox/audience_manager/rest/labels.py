"""`/customer-trait-types` and `/partner-sites` (audience-manager 1.3)."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import PARTNER_ID, CustomerTraitType, PartnerSite
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_object
from audience_gateway_sandbox.audience_manager.rest.errors import not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import in_path
from audience_gateway_sandbox.audience_manager.rest.singles import deleted, single

_TYPE = Body(CustomerTraitType, ["name", "description"], ["name"])
_SITE = Body(PartnerSite, ["url"], ["url"])


class TraitTypes:
    """Answers what is asked of the labels of traits."""

    def __init__(self, api: Api) -> None:
        self._api, self._table = api, api.store.trait_types

    async def list(self, request: web.Request) -> web.Response:
        """List them, those of everybody too."""
        return listed(request, self._table.all(), as_json)

    async def create(self, request: web.Request) -> web.Response:
        """Make one."""
        body, caller = await json_object(request), self._api.caller(request)
        made = self._table.create(_TYPE.new(body, **self._api.created(caller)))
        return single(request, as_json(made), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        found = self._table.get(in_path(request, "id"))
        if found is None:
            raise not_found("trait type")
        return single(request, as_json(found))


class PartnerSites:
    """Answers what is asked of the domains of cookie destinations."""

    def __init__(self, api: Api) -> None:
        self._table = api.store.partner_sites

    async def list(self, request: web.Request) -> web.Response:
        """List them."""
        return listed(request, self._table.all(), as_json)

    async def create(self, request: web.Request) -> web.Response:
        """Make one."""
        made = self._table.create(_SITE.new(await json_object(request), pid=PARTNER_ID))
        return single(request, as_json(made), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one."""
        return single(request, as_json(self._found(request)))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove one."""
        self._table.delete(self._found(request).site_id)
        return deleted()

    def _found(self, request: web.Request) -> PartnerSite:
        found = self._table.get(in_path(request, "id"))
        if found is None:
            raise not_found("domain")
        return found
