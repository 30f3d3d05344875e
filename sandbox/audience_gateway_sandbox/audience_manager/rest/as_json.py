"""Values as they stand in JSON: names in camel case, moments in milliseconds (audience-manager 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from audience_gateway_sandbox.audience_manager.store import milliseconds

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_ODD_NAMES = {
    "cr_uid": "crUID",
    "up_uid": "upUID",
    "inbound_s2s": "inboundS2S",
    "outbound_s2s": "outboundS2S",
    "use_audience_manager_visitor_id": "useAudienceManagerVisitorID",
    "push_id": "pushID",
    "order_id": "orderID",
    "data_provider_id": "dataProviderID",
}


@cache
def json_name(field: str) -> str:
    """Tell the name of a field in JSON."""
    first, *others = field.split("_")
    return _ODD_NAMES.get(field) or first + "".join(other.capitalize() for other in others)


def as_json(value: DataclassInstance, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Make an object of a dataclass, without some fields."""
    names = [field.name for field in fields(value) if field.name not in without]
    return {json_name(name): _plain(getattr(value, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
