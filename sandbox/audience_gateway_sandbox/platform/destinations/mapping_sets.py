"""Mapping sets, `/data/foundation/conversion/mappingSets`: columns of files and what they are called (rtcdp 6.8)."""

from __future__ import annotations

from typing import Any, NotRequired

from pydantic import with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.destinations.columns import column_of
from audience_gateway_sandbox.platform.destinations.selectors import MAPPING_SETS
from audience_gateway_sandbox.platform.flow_service.errors import flow_error
from audience_gateway_sandbox.platform.wire import OPEN, Answer, Call, Endpoint, Refusal, Service

_BASE = "/data/foundation/conversion/mappingSets"


@with_config(OPEN)
class Mapping(TypedDict):
    """One column: from which field, to which name."""

    source: str
    destination: str
    sourceType: NotRequired[str]


@with_config(OPEN)
class NewMappingSet(TypedDict):
    """A mapping set as callers send it."""

    mappings: list[Mapping]


@with_config(OPEN)
class MappingSet(TypedDict):
    """A mapping set as it is shown."""

    id: str
    version: int
    mappings: list[Mapping]


def mapping_service() -> Service:
    """List the addresses."""
    return Service(
        "Mapping sets",
        flow_error,
        (
            Endpoint("POST", _BASE, _add, "Adds a mapping set.", {200: MappingSet}, (400,), NewMappingSet),
            Endpoint("GET", f"{_BASE}/{{id}}", _show, "Shows a mapping set.", {200: MappingSet}, (404,)),
        ),
    )


def _add(call: Call) -> Answer:
    for each in call.body["mappings"]:
        column_of(each["source"], each["destination"], call.space.assumptions.status_header)
    document = call.space.documents(MAPPING_SETS).add(call.body)
    return Answer(_shown(document.id, document.body))


def _show(call: Call) -> Answer:
    document = call.space.documents(MAPPING_SETS).get(call.ids["id"])
    if document is None:
        raise Refusal(404, "The mapping set is not found.")
    return Answer(_shown(document.id, document.body))


def _shown(id_: str, body: dict[str, Any]) -> dict[str, Any]:
    return body | {"id": id_, "version": 0}
