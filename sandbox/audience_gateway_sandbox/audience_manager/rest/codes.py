"""Finds traits and segments by number or by integration code (audience-manager 1.3)."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import Segment, Trait
from audience_gateway_sandbox.audience_manager.rest.errors import conflict, not_found
from audience_gateway_sandbox.audience_manager.rest.queries import in_path
from audience_gateway_sandbox.audience_manager.store import Table

Coded = TypeVar("Coded", Trait, Segment)
_BY_CODE = "ic:"


def by_number_or_code(table: Table[Coded], request: web.Request, what: str) -> Coded:
    """Find what an address names, `7` or `ic:<integration code>`. Refuses if it is not there."""
    name = request.match_info["sid"]
    if name.startswith(_BY_CODE):
        coded = table.all(integration_code=name.removeprefix(_BY_CODE)) if name != _BY_CODE else []
        found = coded[0] if coded else None
    else:
        found = table.get(in_path(request, "sid"))
    if found is None:
        raise not_found(what)
    return found


def check_code_is_free(table: Table[Coded], coded: Coded, sid: int) -> None:
    """Refuse an integration code that another of the same data source has."""
    if not coded.integration_code:
        return
    same = table.all(integration_code=coded.integration_code, data_source_id=coded.data_source_id)
    if any(each.sid != sid for each in same):
        raise conflict("Another of this data source has this integrationCode.", ["integrationCode: is taken"])
