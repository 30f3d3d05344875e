"""`/datasources/{id}/history/inbound`: the onboarding status (audience-manager 1.3, 3.6)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.history import InboundRow
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.as_json import as_json
from audience_gateway_sandbox.audience_manager.rest.errors import not_found
from audience_gateway_sandbox.audience_manager.rest.lists import listed
from audience_gateway_sandbox.audience_manager.rest.queries import flag, in_path


class Inbound:
    """Answers what became of inbound files."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def history(self, request: web.Request) -> web.Response:
        """List the files of a data source; the report is for administrators only."""
        self._api.caller(request).require_admin()
        number = in_path(request, "id")
        if self._api.store.data_sources.get(number) is None:
            raise not_found("data source")
        details = flag(request, "includeSamplingDetails")
        rows = self._api.inbound.inbound_rows(number, request.query.get("dataFileName", ""))
        return listed(request, rows, lambda row: _view(row, details=details))


def _view(row: InboundRow, *, details: bool) -> dict[str, Any]:
    without = () if details else ("sampling_details",)
    return as_json(row, without=without) | {"percentSuccess": row.percent_success}
