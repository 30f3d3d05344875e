"""The sandbox's own address that tells of every inbound file, also of those that no report names."""

from __future__ import annotations

from aiohttp import web

from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.inbound.history import journal


def journal_routes(data: AudienceData) -> list[web.RouteDef]:
    """List the address; it asks for no token."""

    async def tell(_: web.Request) -> web.Response:
        with data.history.database.transaction() as db:
            return web.json_response({"files": journal(db)})

    return [web.get("/sandbox/audience-manager/inbound", tell)]
